//! What a passkey may be called, what a ticket is good for, and when an account has another way in.

use jiff::SignedDuration;

use crate::accounts::rules::{self, Unfit};

/// No account has more of them.
pub const MOST: i64 = 20;
/// So long a browser has to answer.
pub const WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// What a ticket is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To give an account another passkey.
    Register,
    /// To sign in by a passkey alone.
    Login,
    /// To sign in by a passkey after something else.
    SecondFactor,
    /// To show again that the account is the caller's.
    StepUp,
}

/// By what an account can be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Whether it has a password.
    pub password: bool,
    /// How many accounts elsewhere it is linked with.
    pub identities: i64,
    /// How many passkeys it has.
    pub passkeys: i64,
}

impl Purpose {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::SecondFactor => "second_factor",
            Self::StepUp => "step_up",
        }
    }
}

impl Ways {
    /// Whether its owner still gets in with a passkey less.
    pub fn can_spare_a_passkey(self) -> bool {
        self.password || self.identities > 0 || self.passkeys > 1
    }
}

/// What a passkey is called: a line of 1 to 100 characters.
pub fn name(text: &str) -> Result<String, Unfit> {
    rules::line(text)?.ok_or(Unfit::Unprintable)
}

/// What somebody proved himself by (RFC 8176): a key that may leave its device, or one that may not, used by somebody
/// whom the device knew. That is two factors at once.
pub fn methods(may_leave: bool) -> [&'static str; 3] {
    [if may_leave { "swk" } else { "hwk" }, "user", "mfa"]
}
