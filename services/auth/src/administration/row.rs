//! The rows that administrators see.

use contracts::acts::ReasonCode;
use contracts::{Tier, UserId};
use db::Ts;
use db::page::Key;
use diesel::prelude::*;
use jiff::Timestamp;

use super::rules::Order;
use crate::accounts::row::StoredRoles;
use crate::schema::{deactivations, users};

/// An account in a list: without what nobody is shown.
#[derive(Clone, HasQuery)]
#[diesel(table_name = users)]
pub struct ListedRow {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: String,
    /// Its name for others.
    pub username: Option<String>,
    /// What it may do.
    pub roles: StoredRoles,
    /// What it pays for.
    pub tier: String,
    /// Whether it may be entered at all.
    pub is_active: bool,
    /// Whether its address is proven.
    pub is_verified: bool,
    /// Until when it is told to be locked.
    pub locked_until: Option<Ts>,
    /// When it was last entered, if it ever was.
    pub last_login_at: Option<Ts>,
    /// When it was made.
    pub created_at: Ts,
}

/// Why an administrator closed an account.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = deactivations)]
pub struct DeactivationRow {
    /// The account.
    pub user_id: UserId,
    /// The administrator.
    pub actor_id: UserId,
    /// Why, in a word.
    pub reason_code: String,
    /// Why, in words.
    pub reason: String,
    /// When.
    pub created_at: Ts,
}

impl ListedRow {
    /// What it pays for.
    pub fn tier(&self) -> Tier {
        Tier::named(&self.tier).unwrap_or_default()
    }

    /// Its place in a list of this order. One that was never entered stands where the first of all moments would.
    pub fn place(&self, order: Order) -> Key {
        let id = self.id.0;
        match order {
            Order::Newest | Order::Oldest => Key::at(self.created_at.0, id),
            Order::Address => Key::by(self.email.as_str(), id),
            Order::LongestAway | Order::LastSeen => {
                Key::at(self.last_login_at.map_or(Timestamp::UNIX_EPOCH, |at| at.0), id)
            }
        }
    }
}

impl DeactivationRow {
    /// Why, in a word.
    pub fn code(&self) -> ReasonCode {
        ReasonCode::named(&self.reason_code).unwrap_or_default()
    }
}
