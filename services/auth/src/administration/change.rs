//! PUT /auth/users/{id}: other roles, another tier.

use contracts::acts::AdminAct;
use contracts::auth::UserRoleChanged;
use contracts::{Role, Roles, Tier, UserId};
use db::Tx;
use problem::Problem;
use serde::Deserialize;
use server::{Answer, AnswerExt, Data, IfMatch, Json, Path, RecentAdmin, answer, put};
use utoipa::ToSchema;

use super::act::Act;
use super::view::AccountDetailView;
use super::{letters, rules, shown, spare_the_last};
use crate::accounts::row::UserRow;
use crate::accounts::rules::Unfit;
use crate::revocations::{self, Ended};
use crate::state::State;
use crate::tiers::Given;
use crate::tiers::rules::not_before;
use crate::{accounts, codes, tiers};

/// What the account is to be.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "roles": ["user", "coach"], "tier": "PREMIUM" }))]
pub struct AccountChange {
    /// What it may do; `user` in any case.
    roles: Roles,
    /// PREMIUM is given without an end; FREE takes back what was given, not what is paid for. Left out, it stays.
    tier: Option<Tier>,
}

/// A change that is fit.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// What the account may do then.
    pub roles: Roles,
    /// Its tier, where that is to be another.
    pub tier: Option<Tier>,
    /// The version that is meant, where one is.
    pub expected: Option<&'a IfMatch>,
}

/// Changes roles and tier of an account. Its tokens from before are void, its sessions go on, and its owner is mailed.
#[utoipa::path(tag = "auth", operation_id = "change_account", security(("bearer" = [])), params(
    ("id" = UserId, Path, description = "The account."),
    ("If-Match" = Option<String>, Header, description = "The ETag it was read with.")))]
#[put("/auth/users/{id}")]
pub async fn change(
    state: Data<State>,
    who: RecentAdmin,
    id: Path<UserId>,
    expected: IfMatch,
    body: Json<AccountChange>,
) -> Answer<AccountDetailView> {
    let roles = rules::fit(body.roles).ok_or_else(|| codes::unfit(vec![("/roles", Unfit::NoRole)]))?;
    let wanted = Change { roles, tier: body.tier, expected: Some(&expected) };
    let account = write(&state, who.id, *id, wanted).await?;
    let etag = account.etag();
    answer(account).etag(etag)
}

/// Changes the account of `target` for `actor`.
pub async fn write(
    state: &State,
    actor: UserId,
    target: UserId,
    wanted: Change<'_>,
) -> Result<AccountDetailView, Problem> {
    let act = &Act::of(state, actor, AdminAct::RolesChanged);
    let write = async |tx: &mut Tx, user: UserRow| -> Result<(AccountDetailView, [Ended; 2]), Problem> {
        if let Some(expected) = wanted.expected {
            expected.allows(user.version)?;
        }
        let ended = [reappoint(tx, act, &user, wanted.roles).await?, grant(tx, act, &user, wanted.tier).await?];
        Ok((shown(tx, state, target).await?, ended))
    };
    let (account, ended) = act.on(target, write).await?;
    ended.iter().for_each(|ended| ended.tell(state));
    Ok(account)
}

async fn reappoint(tx: &mut Tx, act: &Act<'_>, user: &UserRow, roles: Roles) -> Result<Ended, Problem> {
    let (old, mut ended) = (user.roles(), Ended::default());
    if old == roles {
        return Ok(ended);
    }
    if !roles.has(Role::Admin) {
        spare_the_last(tx, user).await?;
    }
    if roles.iter().any(|role| !old.has(role)) && !user.is_verified && user.password_hash.is_some() {
        // The owner's own click would leave a stranger's password on an account that may do more.
        return Err(Problem::new(&codes::ADDRESS_UNPROVEN));
    }
    // By the clock, now that the account is locked: a token that was made while it was waited for is old.
    let not_before = not_before(user.tokens_not_before.map(|at| at.0), act.state.clock.now());
    let user = accounts::reappoint(tx, user.id, roles, not_before).await?;
    let changed = UserRoleChanged { user_id: user.id, old, new: roles, by: Some(act.actor), not_before };
    outbox::emit(tx, &changed).await?;
    act.note(tx, user.id).await?;
    letters::roles_changed(tx, &user).await?;
    ended.push(revocations::of_user(tx, user.id, not_before).await?);
    Ok(ended)
}

/// What is as it is asked for stays: who reads an account that pays and writes it back gives nothing away.
async fn grant(tx: &mut Tx, act: &Act<'_>, user: &UserRow, tier: Option<Tier>) -> Result<Ended, Problem> {
    let Some(tier) = tier.filter(|tier| *tier != user.tier()) else { return Ok(Ended::default()) };
    let given = Given { user: user.id, tier, until: None, by: Some(act.actor) };
    let ended = tiers::grant(tx, &act.state.clock, &given).await?;
    if ended.count() > 0 {
        Act::of(act.state, act.actor, AdminAct::TierChanged).note(tx, user.id).await?;
    }
    Ok(ended)
}
