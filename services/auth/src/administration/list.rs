//! GET /auth/users: accounts, for administrators to find one among them.

use contracts::acts::AdminAct;
use contracts::{Role, Tier};
use db::page::List as Listing;
use db::{Ts, Tx};
use garde::Validate;
use problem::Problem;
use serde::Deserialize;
use server::{Answer, Data, List, Page, Query, SecureAdmin, get, list as listed};
use utoipa::{IntoParams, ToSchema};

use super::act::Act;
use super::queries;
use super::row::ListedRow;
use super::rules::{self, Order, Search};
use super::view::ListedAccountView;
use crate::codes;
use crate::state::State;

/// Which accounts, in which order.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// How the address or the name begins.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    q: Option<String>,
    /// Those with this role.
    #[garde(skip)]
    #[param(inline)]
    role: Option<Role>,
    /// Those of this tier.
    #[garde(skip)]
    #[param(inline)]
    tier: Option<Tier>,
    /// Those that are open, or closed.
    #[garde(skip)]
    is_active: Option<bool>,
    /// Those that are locked now, or not.
    #[garde(skip)]
    locked: Option<bool>,
    /// Those made then or later.
    #[garde(skip)]
    #[param(inline)]
    created_from: Option<Ts>,
    /// Those made earlier.
    #[garde(skip)]
    #[param(inline)]
    created_to: Option<Ts>,
    /// The order.
    #[serde(default)]
    #[garde(skip)]
    #[param(inline)]
    sort: Sort,
}

/// Orders; a minus turns one around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum Sort {
    /// The newest first.
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    /// The oldest first.
    #[serde(rename = "created_at")]
    Oldest,
    /// By their addresses.
    #[serde(rename = "email")]
    Address,
    /// First those that were never entered, or longest ago.
    #[serde(rename = "last_login_at")]
    LongestAway,
    /// First those that were entered last.
    #[serde(rename = "-last_login_at")]
    LastSeen,
}

/// Accounts, the newest first where no order is asked for. That somebody looked is told to the journal.
#[utoipa::path(tag = "auth", operation_id = "list_accounts", security(("bearer" = [])), params(Wanted, Page))]
#[get("/auth/users")]
pub async fn list(
    state: Data<State>,
    who: SecureAdmin,
    wanted: Query<Wanted>,
    page: Page,
) -> Answer<List<ListedAccountView>> {
    let search = wanted.read(&state)?;
    let listing = search.listing();
    let page = state.cursors.page(page.limit, page.cursor.as_deref(), &listing)?;
    let (act, found, asked) = (&Act::of(&state, who.id, AdminAct::AccountsListed), &search, &page);
    let rows = state.db.tx(async |tx: &mut Tx| -> Result<Vec<ListedRow>, Problem> {
        let rows = queries::search(tx, found, asked).await?;
        // Last: what is told keeps others of the same administrator waiting.
        act.look(tx, None).await?;
        Ok(rows)
    });
    let rows = rows.await?;
    let (rows, next) = page.split(rows, |row| row.place(search.order));
    let next = next.map(|key| state.cursors.cursor(key, &listing));
    listed(rows.into_iter().map(ListedAccountView::from).collect(), next)
}

impl Wanted {
    fn read(&self, state: &State) -> Result<Search, Problem> {
        let beginning = rules::beginning(self.q.as_deref().unwrap_or_default());
        Ok(Search {
            beginning: beginning.map_err(|unfit| codes::unfit(vec![("q", unfit)]))?,
            role: self.role,
            tier: self.tier,
            is_active: self.is_active,
            locked: self.locked.map(|locked| (locked, state.clock.now())),
            from: self.created_from.map(|at| rules::comparable(at.0)),
            before: self.created_to.map(|at| rules::comparable(at.0)),
            order: self.sort.into(),
        })
    }
}

impl Search {
    /// What cursors of this list are for.
    fn listing(&self) -> Listing {
        Listing::new("accounts", self.order.name())
            .filtered("q", self.beginning.as_deref())
            .filtered("role", self.role.map(Role::name))
            .filtered("tier", self.tier.map(Tier::name))
            .filtered("is_active", self.is_active)
            .filtered("locked", self.locked.map(|(locked, _)| locked))
            .filtered("from", self.from)
            .filtered("before", self.before)
    }
}

impl From<Sort> for Order {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::Oldest => Self::Oldest,
            Sort::Address => Self::Address,
            Sort::LongestAway => Self::LongestAway,
            Sort::LastSeen => Self::LastSeen,
        }
    }
}
