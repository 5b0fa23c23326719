//! What administrators may look for, and who counts as one.

use contracts::acts::AdminAct;
use contracts::{Role, Roles, Tier};
use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use crate::accounts::rules::{Unfit, is_hidden};

/// No account is older; the database knows no year as far back as a request may name.
const FIRST: Timestamp = Timestamp::constant(946_684_800, 0);

/// In which order accounts are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By their addresses.
    Address,
    /// First those that were never entered, or longest ago.
    LongestAway,
    /// First those that were entered last.
    LastSeen,
}

/// Which accounts are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// How the address or the name begins.
    pub beginning: Option<String>,
    /// Those with this role.
    pub role: Option<Role>,
    /// Those of this tier.
    pub tier: Option<Tier>,
    /// Those that are open, or closed.
    pub is_active: Option<bool>,
    /// Those that are told to be locked at this moment, or not.
    pub locked: Option<(bool, Timestamp)>,
    /// Those made then or later.
    pub from: Option<Timestamp>,
    /// Those made earlier.
    pub before: Option<Timestamp>,
    /// In which order.
    pub order: Order,
}

impl Order {
    /// Its name, as it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newest => "-created_at",
            Self::Oldest => "created_at",
            Self::Address => "email",
            Self::LongestAway => "last_login_at",
            Self::LastSeen => "-last_login_at",
        }
    }
}

/// How addresses and names begin that somebody looks for, in their one spelling; an empty text looks for nothing.
pub fn beginning(text: &str) -> Result<Option<String>, Unfit> {
    let folded: String = text.trim().nfkc().flat_map(char::to_lowercase).collect();
    if folded.chars().any(|c| c.is_control() || c.is_whitespace() || is_hidden(c)) {
        return Err(Unfit::Unprintable);
    }
    Ok(Some(folded).filter(|folded| !folded.is_empty()))
}

/// A pattern of `LIKE` for all that begins so; what has a meaning in patterns has none in `beginning`.
pub fn pattern(beginning: &str) -> String {
    let mut pattern = String::with_capacity(beginning.len() + 1);
    for sign in beginning.chars() {
        if matches!(sign, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

/// A moment that the database can compare with.
pub fn comparable(at: Timestamp) -> Timestamp {
    at.max(FIRST)
}

/// A reason in words, NFC, nothing around it.
pub fn words(text: &str) -> Result<String, Unfit> {
    let words: String = text.trim().nfc().collect();
    let unreadable = |c: char| c != '\n' && c.is_control() || is_hidden(c);
    if words.is_empty() || words.chars().any(unreadable) { Err(Unfit::Unprintable) } else { Ok(words) }
}

/// Whether an account can administer: it has the role, and can be entered. One that was invited cannot be yet.
pub fn administers(roles: Roles, is_active: bool, is_verified: bool) -> bool {
    roles.has(Role::Admin) && is_active && is_verified
}

/// Whether this act may take an administrator away.
pub fn may_take_an_administrator(action: AdminAct) -> bool {
    matches!(action, AdminAct::RolesChanged | AdminAct::Deactivated | AdminAct::ErasureRequested)
}

/// Roles as an account may have them: whatever else it is, it is a user. None at all is no wish but a mistake.
pub fn fit(roles: Roles) -> Option<Roles> {
    roles.iter().next().map(|_| roles.with(Role::User))
}
