//! What becomes of somebody whom a provider vouches for, and what an account may lose.

use url::Url;

const LONGEST_PICTURE: usize = 500;

/// What to do with somebody whose identity opens no account yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The address is free: an account is made for it.
    Enrol,
    /// The account of the address is theirs: both sides had it proven.
    Attach,
    /// Whoever reads the address's mail decides.
    Confirm,
}

/// What opens an account beside the identity that is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// A password.
    pub password: bool,
    /// Passkeys.
    pub passkeys: i64,
    /// Other identities, of providers that there are.
    pub identities: i64,
}

/// What to do with somebody, by whether the provider had the address proven, and whether the account that the address
/// has here did, if it has one.
pub fn verdict(proven_there: bool, proven_here: Option<bool>) -> Verdict {
    match (proven_there, proven_here) {
        (true, None) => Verdict::Enrol,
        (true, Some(true)) => Verdict::Attach,
        (true, Some(false)) | (false, _) => Verdict::Confirm,
    }
}

/// Whether nothing would be left to enter the account by.
pub fn is_last(left: &Left) -> bool {
    !left.password && left.passkeys == 0 && left.identities == 0
}

/// The address of a picture, if it is one that everybody may load.
pub fn picture(text: &str) -> Option<&str> {
    let fits = text.chars().count() <= LONGEST_PICTURE;
    let https = Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    (fits && https).then_some(text)
}
