//! What an account may be called, and when a mailed link works. One spelling of each address and name.

use contracts::Language;
use jiff::{SignedDuration, Timestamp};
use unicode_normalization::UnicodeNormalization;

/// How long a link that proves an address works.
pub const VERIFY_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How long a link works by which a forgotten password is set anew, or an identity attached.
pub const RESET_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How long an invitation waits: whoever was invited did not ask, and may be away. It opens an account that nobody has
/// entered, once, for its first password.
pub const INVITED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

const LONGEST_ADDRESS: usize = 255;
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_LINE: usize = 100;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Not a mail address.
    NotAnAddress,
    /// Not 3 to 50 of a-z, 0-9, `_` and `.`.
    NotAUsername,
    /// More than a hundred characters.
    TooLong,
    /// Characters that nobody sees, or that turn the text around them.
    Unprintable,
    /// Not `fr` or `en`.
    NotALanguage,
    /// Neither an address nor a name.
    NobodyNamed,
    /// What it is already.
    Unchanged,
    /// An account that may do nothing.
    NoRole,
}

/// Whom somebody says to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// By an address.
    Email(String),
    /// By a name.
    Username(String),
}

/// What a mailed link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To prove the account's address.
    VerifyEmail,
    /// To set a forgotten password anew.
    ResetPassword,
    /// To prove the address that the account is to have.
    ChangeEmail,
    /// To choose the first password of an account that an administrator made.
    Invitation,
    /// To have the account entered through a provider as well.
    LinkIdentity,
}

/// A link that was found by its secret.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// What it is good for.
    pub purpose: Purpose,
    /// The address it was mailed to.
    pub email: &'a str,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// Whether it was used, or made void by what came after it.
    pub used: bool,
}

/// Why a link does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    /// Unknown, used, void, or for an address that the account no longer has.
    Invalid,
    /// It was good once.
    Expired,
}

/// An address in its one spelling: NFKC, lower case, an ASCII local part, a domain as the name system knows it.
pub fn address(text: &str) -> Result<String, Unfit> {
    let folded = fold(text);
    let (local, domain) = folded.rsplit_once('@').ok_or(Unfit::NotAnAddress)?;
    let domain = match url::Host::parse(domain) {
        Ok(url::Host::Domain(domain)) if is_domain(&domain) => domain,
        _ => return Err(Unfit::NotAnAddress),
    };
    let address = format!("{local}@{domain}");
    if is_local_part(local) && address.len() <= LONGEST_ADDRESS { Ok(address) } else { Err(Unfit::NotAnAddress) }
}

/// A name in its one spelling. Only ASCII is left, so no two look alike by mixing scripts.
pub fn username(text: &str) -> Result<String, Unfit> {
    let folded = fold(text);
    let fits = (3..=50).contains(&folded.len())
        && folded.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'));
    if fits { Ok(folded) } else { Err(Unfit::NotAUsername) }
}

/// A line about somebody or something, NFC, nothing around it; an empty one is none.
pub fn line(text: &str) -> Result<Option<String>, Unfit> {
    let line: String = text.trim().nfc().collect();
    if line.chars().any(|c| c.is_control() || is_hidden(c)) {
        return Err(Unfit::Unprintable);
    }
    if line.chars().count() > LONGEST_LINE {
        return Err(Unfit::TooLong);
    }
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// The language of a tag.
pub fn language(tag: &str) -> Result<Language, Unfit> {
    Language::of_tag(tag).ok_or(Unfit::NotALanguage)
}

/// Whom a text names. Never refused: what cannot exist is found nowhere, in the same time.
pub fn identifier(text: &str) -> Identifier {
    let folded = fold(text);
    match folded.rsplit_once('@') {
        Some((local, domain)) => {
            let ascii = url::Host::parse(domain).map_or_else(|_| domain.to_owned(), |host| host.to_string());
            Identifier::Email(format!("{local}@{ascii}"))
        }
        None => Identifier::Username(folded),
    }
}

impl Purpose {
    /// Its name in the table, which is that of the mail as well.
    pub fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::Invitation => "invitation",
            Self::LinkIdentity => "link_identity",
        }
    }

    /// The page that such a link leads to.
    pub fn page(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email/confirm",
            Self::Invitation => "accept-invitation",
            Self::LinkIdentity => "link-identity",
        }
    }

    /// How long such a link works.
    pub fn within(self) -> SignedDuration {
        match self {
            Self::VerifyEmail | Self::ChangeEmail => VERIFY_WITHIN,
            Self::ResetPassword | Self::LinkIdentity => RESET_WITHIN,
            Self::Invitation => INVITED_FOR,
        }
    }
}

/// Whether a link works at `now` for an account whose address is `current`. The one that gives it a new address was
/// mailed there, not to the current one.
pub fn works(link: &Link<'_>, current: &str, now: Timestamp) -> Result<(), Dead> {
    if link.used || link.purpose != Purpose::ChangeEmail && link.email != current {
        return Err(Dead::Invalid);
    }
    if now >= link.expires_at { Err(Dead::Expired) } else { Ok(()) }
}

fn fold(text: &str) -> String {
    text.trim().nfkc().flat_map(char::to_lowercase).collect()
}

/// RFC 5321's dot-string.
fn is_local_part(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= LONGEST_LOCAL_PART && local.split('.').all(is_atom)
}

/// Labels of letters, digits and hyphens, two or more; the last is not a number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    labels.len() >= 2 && labels.iter().all(|label| is_label(label))
}

/// Whether nobody sees it, or it turns the text around it.
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}
