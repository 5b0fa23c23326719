//! PUT /auth/users/{id}.

use auth::administration::change::{Change, write};
use auth::state::State;
use contracts::acts::{AdminAct, AdminActed};
use contracts::auth::{SessionRevoked, UserRoleChanged, UserTierChanged};
use contracts::{Role, Roles, Tier, UserId};
use jiff::SignedDuration;
use serde_json::json;

use super::{account, acts, administrators, at, latest};
use crate::support::{Deeds, PASSWORD, SignedIn, TestApp, held, somebody_waits, together};

fn roles(all: &[Role]) -> Roles {
    all.iter().copied().collect()
}

/// Takes the role of `target` away, in a process of its own.
pub async fn demotes(state: &State, actor: UserId, target: UserId) -> u16 {
    let change = Change { roles: roles(&[Role::User]), tier: None, expected: None };
    write(state, actor, target, change).await.map_or_else(|problem| problem.status(), |_| 200)
}

#[tokio::test]
async fn roles_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let mark = app.mark().await;
    for (body, pointer, code) in [
        (json!({}), "/roles", "missing"),
        (json!({ "roles": [] }), "/roles", "missing"),
        (json!({ "roles": "admin" }), "/roles", "wrong_type"),
        (json!({ "roles": ["root"] }), "/roles/0", "unknown_value"),
        (json!({ "roles": ["user"], "tier": "GOLD" }), "/tier", "unknown_value"),
        (json!({ "roles": ["user"], "password": "x" }), "/password", "unknown_field"),
    ] {
        root.actor.put(&at(ada.id), body).await.is(422, "invalid").names(pointer, code);
    }
    app.emitted_nothing_since(mark).await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let invited = json!({ "email": "grace@example.org", "roles": ["admin"] });
    root.actor.post("/auth/users", invited).await.has_status(201);
    let closed = app.administers("closed").await;
    app.execute(&format!("UPDATE users SET is_active = false WHERE id = '{}'", closed.id)).await;
    let mark = app.mark().await;
    let answer = root.actor.put(&at(root.id), json!({ "roles": ["user"] })).await;
    answer.is(409, "last_admin");
    app.emitted_nothing_since(mark).await;
    root.actor.get(&at(root.id)).await.has_status(200);
}

/// Else a stranger's password would open an account that may do more, by the owner's own click.
#[tokio::test]
async fn who_registered_an_address_and_did_not_prove_it_gets_no_role() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    app.registers("grace").await.has_status(201);
    let grace = account(&root, "grace").await;
    let mark = app.mark().await;
    for roles in [json!(["admin"]), json!(["coach"])] {
        root.actor.put(&at(grace), json!({ "roles": roles })).await.is(409, "address_unproven");
    }
    app.emitted_nothing_since(mark).await;
    assert_eq!(administrators(&app).await, 1);
    root.actor.put(&at(grace), json!({ "roles": ["user"], "tier": "PREMIUM" })).await.has_status(200);
    let proof = app.links("grace").await.pop().unwrap();
    app.nobody().post("/auth/verify-email", json!({ "token": proof })).await.has_status(200);
    root.actor.put(&at(grace), json!({ "roles": ["coach"] })).await.has_status(200);
}

#[tokio::test]
async fn who_has_no_password_yet_may_be_given_another_role() {
    let app = TestApp::start().await;
    let root = app.administers("root").await;
    let invited = json!({ "email": "grace@example.org", "roles": ["user"] });
    let grace = root.actor.post("/auth/users", invited).await.has_status(201).id();
    root.actor.put(&at(grace), json!({ "roles": ["coach"] })).await.has_status(200);
}

/// Tokens are old by when the account was locked, not by when the change began to wait for it.
#[tokio::test]
async fn a_token_that_is_made_while_the_change_waits_dies_with_the_others() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let held = held(&app, ada.id).await;
    let change = async { root.actor.put(&at(ada.id), json!({ "roles": ["coach"], "tier": "PREMIUM" })).await };
    let refresh = async {
        somebody_waits(&app).await;
        app.clock.advance(SignedDuration::from_secs(5));
        let between = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
        held.release().await;
        between
    };
    let (changed, between) = futures_util::future::join(change, refresh).await;
    changed.has_status(200);
    between.actor.get("/auth/me").await.is(401, "token_revoked");
    let fresh = SignedIn::of(&app, &app.refreshes(&between.refresh).await);
    assert_eq!((&fresh.claims()["roles"], &fresh.claims()["tier"]), (&json!(["user", "coach"]), &json!("PREMIUM")));
}

#[tokio::test]
async fn one_of_two_administrators_may_go() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    root.actor.put(&at(root.id), json!({ "roles": ["user"] })).await.has_status(200);
    root.actor.get(&at(root.id)).await.is(401, "token_revoked");
    other.actor.put(&at(other.id), json!({ "roles": ["user"] })).await.is(409, "last_admin");
}

#[tokio::test]
async fn of_two_administrators_who_demote_each_other_one_is_left() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    let calls = (0..10).map(|nth| {
        let (by, of) = if nth % 2 == 0 { (&root, &other) } else { (&other, &root) };
        by.actor.put(&at(of.id), json!({ "roles": ["user"] }))
    });
    let calls: Vec<_> = calls.map(|call| async move { call.await.status }).collect();
    let statuses = together(calls).await;
    assert!(statuses.iter().all(|status| [200, 401, 403].contains(status)), "{statuses:?}");
    assert_eq!((administrators(&app).await, app.told::<UserRoleChanged>().await), (1, 1), "{statuses:?}");
}

#[tokio::test]
async fn of_two_administrators_who_demote_themselves_in_several_processes_one_is_left() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    let processes = app.processes(4).await;
    let calls = processes.iter().cycle().take(10).enumerate().map(|(nth, state)| {
        let who = if nth % 2 == 0 { root.id } else { other.id };
        demotes(state, who, who)
    });
    let statuses = together(calls).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 403, 409].contains(status)), "{statuses:?}");
    assert_eq!(administrators(&app).await, 1);
}

#[tokio::test]
async fn of_two_administrators_who_demote_each_other_in_several_processes_one_is_left() {
    let app = TestApp::start().await;
    let (root, other) = (app.administers("root").await, app.administers("other").await);
    let processes = app.processes(4).await;
    let calls = processes.iter().cycle().take(10).enumerate().map(|(nth, state)| {
        if nth % 2 == 0 { demotes(state, root.id, other.id) } else { demotes(state, other.id, root.id) }
    });
    let statuses = together(calls).await;
    assert!(statuses.iter().all(|status| [200, 403].contains(status)), "{statuses:?}");
    assert_eq!((administrators(&app).await, app.told::<UserRoleChanged>().await), (1, 1), "{statuses:?}");
}

#[tokio::test]
async fn it_is_told_noted_and_mailed_and_old_tokens_die() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    app.clock.advance(SignedDuration::from_secs(1));
    let answer = root.actor.put(&at(ada.id), json!({ "roles": ["coach"] })).await;
    answer.has_status(200);
    assert_eq!(answer.json()["roles"], json!(["user", "coach"]), "whatever else it is, it is a user");
    let changed = app.emitted_of::<UserRoleChanged>().await.pop().unwrap();
    assert_eq!((changed.old, changed.new), (roles(&[Role::User]), roles(&[Role::User, Role::Coach])));
    assert_eq!((changed.by, changed.user_id), (Some(root.id), ada.id));
    let revoked = app.emitted_of::<SessionRevoked>().await.pop().unwrap();
    assert_eq!((revoked.user_id, revoked.not_before), (Some(ada.id), Some(changed.not_before)));
    let acted = app.emitted_of::<AdminActed>().await;
    assert_eq!((acted.len(), acted[0].actor, acted[0].target), (1, root.id, Some(ada.id)));
    assert_eq!((acted[0].action, acted[0].reason_code), (AdminAct::RolesChanged, None));
    ada.actor.get("/auth/me").await.is(401, "token_revoked");
    let fresh = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(fresh.actor.get("/auth/me").await.json()["roles"], json!(["user", "coach"]));
    assert_eq!(latest(&fresh).await.0, "admin_roles_changed");
    let mail = app.mails("ada").await.pop().unwrap();
    assert_eq!((mail.template.as_str(), mail.params["roles"].as_str()), ("roles_changed", "member, coach"));
}

/// Tokens are dated in whole seconds: those from between two changes in one second are old as well.
#[tokio::test]
async fn a_token_from_between_two_changes_in_one_second_dies_with_the_second() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    root.actor.put(&at(ada.id), json!({ "roles": ["admin"] })).await.has_status(200);
    let between = SignedIn::of(&app, &app.refreshes(&ada.refresh).await);
    assert_eq!(between.actor.get("/auth/me").await.json()["is_admin"], true);
    root.actor.put(&at(ada.id), json!({ "roles": ["user"] })).await.has_status(200);
    between.actor.get("/auth/me").await.is(401, "token_revoked");
    let after = SignedIn::of(&app, &app.refreshes(&between.refresh).await);
    assert_eq!(after.actor.get("/auth/me").await.json()["is_admin"], false);
}

#[tokio::test]
async fn what_is_as_it_is_asked_for_stays_untold() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let mark = app.mark().await;
    root.actor.put(&at(ada.id), json!({ "roles": ["user"], "tier": "FREE" })).await.has_status(200);
    app.emitted_nothing_since(mark).await;
    ada.actor.get("/auth/me").await.has_status(200);
}

#[tokio::test]
async fn who_means_another_version_changes_nothing() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    let read = root.actor.get(&at(ada.id)).await;
    let etag = read.header("etag").unwrap().to_owned();
    let coach = json!({ "roles": ["user", "coach"] });
    root.actor.put(&at(ada.id), &coach).header("if-match", "\"0\"").await.is(412, "stale");
    // A login changes what is shown, and nothing that is edited.
    app.clock.advance(SignedDuration::from_secs(1));
    app.logs_in("ada", PASSWORD).await.has_status(200);
    root.actor.put(&at(ada.id), &coach).header("if-match", &etag).await.has_status(200);
    root.actor.put(&at(ada.id), &coach).header("if-match", &etag).await.is(412, "stale");
}

#[tokio::test]
async fn a_tier_is_given_and_taken_back() {
    let app = TestApp::start().await;
    let (ada, root) = (app.signs_in("ada").await, app.administers("root").await);
    for (tier, old, new) in [("PREMIUM", Tier::Free, Tier::Premium), ("FREE", Tier::Premium, Tier::Free)] {
        let answer = root.actor.put(&at(ada.id), json!({ "roles": ["user"], "tier": tier })).await;
        assert_eq!(answer.has_status(200).json()["tier"], tier);
        let changed = app.emitted_of::<UserTierChanged>().await.pop().unwrap();
        assert_eq!((changed.old, changed.new, changed.by), (old, new, Some(root.id)));
        app.clock.advance(SignedDuration::from_secs(2));
    }
    assert_eq!(acts(&app).await, [AdminAct::TierChanged, AdminAct::TierChanged]);
    assert_eq!(app.told::<UserRoleChanged>().await, 0);
}
