//! Who may do what.

mod passkeys;

use auth::passwords::Scheme;
use auth::passwords::scheme::Workspace;
use auth::state::State;
use contracts::UserId;
use diesel_migrations::EmbeddedMigrations;
use outbox::Subscriptions;
use serde_json::{Value, json};
use server::Definition;
use testkit::{Access, Actor, Given, Subject, TestApp};

use crate::factors::{STEP, code, secret_of};
use crate::support::{Auth, NEW_PASSWORD, PASSWORD};
use crate::tokens::{JWT_BEARER, assertion_at};

/// The service as others see it: with tokens that the kit signs, each of the one session that its account has.
struct Seen;

impl Subject for Seen {
    type State = State;
    const FOLDER: &'static str = Auth::FOLDER;

    fn definition() -> Definition {
        Auth::definition()
    }

    fn migrations() -> EmbeddedMigrations {
        Auth::migrations()
    }

    fn subscriptions() -> Subscriptions<State> {
        Auth::subscriptions()
    }

    fn variables() -> Vec<(&'static str, String)> {
        Auth::variables()
    }

    async fn meet(state: &State, user: UserId) {
        use diesel_async::SimpleAsyncConnection;
        let account = format!(
            "INSERT INTO users (id, email, locale, roles, tier, is_verified, created_at, updated_at)
             VALUES ('{user}', '{user}@example.org', 'fr', '{{user}}', 'FREE', true, '2026-01-01Z', '2026-01-01Z')
             ON CONFLICT DO NOTHING;
             INSERT INTO sessions (id, user_id, client_id, device, amr, family_salt, auth_time, created_at,
                 last_seen_at, expires_at)
             VALUES ('{user}', '{user}', 'jolmood', 'curl', '{{pwd}}', 'salt', '2026-01-01Z', '2026-01-01Z',
                 '2026-01-01Z', '2027-01-01Z')
             ON CONFLICT DO NOTHING"
        );
        state.db.conn().await.unwrap().batch_execute(&account).await.unwrap();
    }
}

/// Another session of the owner.
async fn session_of(app: &TestApp<Seen>, user: UserId) -> String {
    use diesel_async::SimpleAsyncConnection;
    let id = contracts::SessionId::at(app.clock.now()).to_string();
    let session = format!(
        "INSERT INTO sessions (id, user_id, client_id, device, amr, family_salt, auth_time, created_at, last_seen_at,
             expires_at)
         VALUES ('{id}', '{user}', 'jolmood', 'curl', '{{pwd}}', 'salt', '2026-01-01Z', '2026-01-01Z', '2026-01-01Z',
             '2027-01-01Z')"
    );
    app.db().conn().await.unwrap().batch_execute(&session).await.unwrap();
    id
}

/// What the owner signs in with.
async fn credentials_of(app: &TestApp<Seen>, user: UserId) -> Value {
    use diesel_async::SimpleAsyncConnection;
    let hash = auth::passwords::scheme::hash(Scheme::Argon2id, PASSWORD, &mut Workspace::default()).unwrap();
    let known = format!("UPDATE users SET password_hash = '{hash}' WHERE id = '{user}'");
    app.db().conn().await.unwrap().batch_execute(&known).await.unwrap();
    json!({ "email": format!("{user}@example.org"), "password": PASSWORD })
}

/// The rows of tokens for services.
fn tokens(access: Access<Seen>) -> Access<Seen> {
    access
        .row_given("issue_token", [200; 5], |app, _| async move {
            let now = app.clock.now();
            Given::nothing()
                .field("grant_type", "client_credentials")
                .field("audience", "posts")
                .field("client_assertion_type", JWT_BEARER)
                .field("client_assertion", assertion_at(now, "users", json!({})))
        })
        .row_given("introspect_token", [401, 403, 403, 403, 403], |_, _| async { Given::nothing().field("token", "x") })
        .row_given("revoke_token", [200; 5], |_, _| async { Given::nothing().field("token", "x") })
}

/// The rows of passwords and addresses.
fn recovery(access: Access<Seen>) -> Access<Seen> {
    access
        .row_given("forgot_password", [202; 5], |_, _| async {
            Given::nothing().body(json!({ "email": "ada@example.org" }))
        })
        .row("show_reset_password", [200; 5])
        .row_given("reset_password", [400; 5], |_, _| async {
            Given::nothing().body(json!({ "token": "x", "new_password": NEW_PASSWORD }))
        })
        .row_given("change_password", [401, 401, 204, 401, 401], |app, owner| async move {
            let credentials = credentials_of(&app, owner.id).await;
            let current = &credentials["password"];
            Given::nothing().body(json!({ "current_password": current, "new_password": NEW_PASSWORD }))
        })
        .row_given("change_email", [401, 202, 202, 202, 202], |_, owner| async move {
            Given::nothing().body(json!({ "new_email": format!("{}@new.example.org", owner.id) }))
        })
        .row("show_change_email", [200; 5])
        .row_given("confirm_change_email", [400; 5], |_, _| async { Given::nothing().body(json!({ "token": "x" })) })
}

/// The rows of second factors.
fn second_factors(access: Access<Seen>) -> Access<Seen> {
    access
        .row_given("step_up", [401, 401, 200, 401, 401], |app, owner| async move {
            let credentials = credentials_of(&app, owner.id).await;
            Given::nothing().body(json!({ "password": credentials["password"] }))
        })
        .row_given("verify_second_factor", [200; 5], |app, owner| async move {
            let credentials = credentials_of(&app, owner.id).await;
            let secret = secret_of(&owner.post("/auth/mfa/totp", json!({})).await);
            let now = app.clock.now();
            let confirmation = json!({ "code": code(&secret, now) });
            owner.post("/auth/mfa/totp/confirm", confirmation).await.has_status(200);
            let login = app.nobody().post("/auth/login", credentials).await;
            Given::nothing().body(json!({ "mfa_token": login.json()["mfa_token"], "code": code(&secret, now + STEP) }))
        })
        .row("show_second_factors", [401, 200, 200, 200, 200])
        .row("enrol_totp", [401, 201, 201, 201, 201])
        .row_given("confirm_totp", [401, 409, 409, 409, 409], |_, _| async {
            Given::nothing().body(json!({ "code": "123456" }))
        })
        .row("disable_totp", [401, 404, 404, 404, 404])
        .row("renew_recovery_codes", [401, 409, 409, 409, 409])
}

/// What administrators do to the owner's account: whoever does `operation` is one in the database as well.
async fn acting(app: &TestApp<Seen>, owner: &Actor, operation: &str) -> Given {
    use diesel_async::SimpleAsyncConnection;
    let admin = app.admin(&format!("admin for {operation}")).await.id;
    let appointed = format!("UPDATE users SET roles = '{{user,admin}}' WHERE id = '{admin}'");
    app.db().conn().await.unwrap().batch_execute(&appointed).await.unwrap();
    Given::nothing().path("id", owner.id)
}

/// Rows for administrators alone, who did `operation` with this answer.
fn admins(status: u16) -> [u16; 5] {
    [401, 403, 403, 403, status]
}

/// The rows of administrators, and of those whom they invite.
fn administration(access: Access<Seen>) -> Access<Seen> {
    let because = || json!({ "reason": "Trois signalements." });
    let mut access = access
        .row("show_invitation", [200; 5])
        .row_given("accept_invitation", [400; 5], |_, _| async {
            Given::nothing().body(json!({ "token": "x", "password": PASSWORD }))
        })
        .row_given(
            "list_accounts",
            admins(200),
            |app, owner| async move { acting(&app, &owner, "list_accounts").await },
        )
        .row_given("invite_account", admins(201), |app, owner| async move {
            let invitation = json!({ "email": format!("{}@new.example.org", owner.id), "roles": ["coach"] });
            acting(&app, &owner, "invite_account").await.body(invitation)
        })
        .row_given("change_account", admins(200), |app, owner| async move {
            acting(&app, &owner, "change_account").await.body(json!({ "roles": ["user", "coach"] }))
        })
        .row_given("end_account_session", admins(204), |app, owner| async move {
            let session = session_of(&app, owner.id).await;
            acting(&app, &owner, "end_account_session").await.path("sid", session)
        });
    for (operation, status) in [
        ("get_account", 200),
        ("list_account_sessions", 200),
        ("end_account_sessions", 204),
        ("invite_account_again", 202),
        ("mail_account_password_reset", 202),
    ] {
        let given = move |app: TestApp<Seen>, owner: Actor| async move { acting(&app, &owner, operation).await };
        access = access.row_given(operation, admins(status), given);
    }
    for (operation, status) in [
        ("deactivate_account", 200),
        ("activate_account", 200),
        ("unlock_account", 200),
        ("reset_account_mfa", 200),
        ("erase_account", 202),
    ] {
        access = access.row_given(operation, admins(status), move |app, owner| async move {
            acting(&app, &owner, operation).await.body(because())
        });
    }
    access
}

/// An erasure of the owner's that is over.
async fn erasure_of(app: &TestApp<Seen>, user: UserId) -> String {
    use diesel_async::SimpleAsyncConnection;
    let id = contracts::ErasureId::at(app.clock.now()).to_string();
    let erasure = format!(
        "INSERT INTO erasures (id, user_id, state, receipt_hash, pseudonym, is_told, was_active, locale, requested_at,
             grace_until, deadline, completed_at)
         VALUES ('{id}', '{user}', 'COMPLETED', 'none', 'erased:none', false, true, 'fr', '2026-01-01Z', '2026-01-01Z',
             '2026-01-31Z', '2026-01-01Z')"
    );
    app.db().conn().await.unwrap().batch_execute(&erasure).await.unwrap();
    id
}

/// The rows of erasures. Nobody here is erased: he is needed for the other rows.
fn erasures(access: Access<Seen>) -> Access<Seen> {
    access
        .row_given("delete_my_account", [401; 5], |_, _| async {
            Given::nothing().body(json!({ "password": "not the password" }))
        })
        .row("list_erasures", [401, 403, 403, 403, 200])
        .row_given("get_erasure", [401, 404, 200, 404, 404], |app, owner| async move {
            Given::nothing().path("id", erasure_of(&app, owner.id).await)
        })
        .row_given("show_cancel_erasure", [200; 5], |app, owner| async move {
            Given::nothing().path("id", erasure_of(&app, owner.id).await)
        })
        .row_given("cancel_erasure", [401, 404, 409, 404, 404], |app, owner| async move {
            Given::nothing().path("id", erasure_of(&app, owner.id).await)
        })
        .row_given("retry_erasure", [401, 403, 403, 403, 202], |app, owner| async move {
            Given::nothing().path("id", erasure_of(&app, owner.id).await)
        })
}

/// The rows of exports.
fn exports(access: Access<Seen>) -> Access<Seen> {
    access
        .row("request_export", [401, 202, 202, 202, 202])
        .row_given("get_export", [401, 404, 200, 404, 404], |_, owner| async move {
            let begun = owner.post("/auth/exports", json!({})).await.json();
            Given::nothing().path("id", begun["export_id"].as_str().unwrap())
        })
        .row_given("download_export", [404; 5], |_, owner| async move {
            let begun = owner.post("/auth/exports", json!({})).await.json();
            Given::nothing().path("id", begun["export_id"].as_str().unwrap()).query("token=x")
        })
}

/// Two identities of the owner, of which one may go.
async fn identity_of(app: &TestApp<Seen>, user: UserId) -> String {
    use diesel_async::SimpleAsyncConnection;
    let ids = [0, 1].map(|later| contracts::IdentityId::at(app.clock.now() + jiff::SignedDuration::from_secs(later)));
    for id in ids {
        let identity = format!(
            "INSERT INTO identities (id, user_id, provider, issuer, subject, created_at, last_used_at)
             VALUES ('{id}', '{user}', 'google', 'http://127.0.0.1:1', '{id}', '2026-01-01Z', '2026-01-01Z')"
        );
        app.db().conn().await.unwrap().batch_execute(&identity).await.unwrap();
    }
    ids[0].to_string()
}

/// The rows of providers. Nobody listens where they are said to be.
fn providers(access: Access<Seen>) -> Access<Seen> {
    access
        .row_given("sign_in_through_provider", [502; 5], |_, _| async { Given::nothing().path("provider", "acme") })
        .row("sign_in_through_google", [502; 5])
        .row_given("return_from_provider", [400; 5], |_, _| async { Given::nothing().path("provider", "acme") })
        .row("return_from_google", [400; 5])
        .row_given("exchange_code", [400; 5], |_, _| async {
            Given::nothing().body(json!({ "code": "x", "code_verifier": "y" }))
        })
        .row("show_link_identity", [200; 5])
        .row_given("confirm_link_identity", [400; 5], |_, _| async { Given::nothing().body(json!({ "token": "x" })) })
        .row("list_identities", [401, 200, 200, 200, 200])
        .row_given("link_identity", [401, 502, 502, 502, 502], |_, _| async { Given::nothing().path("id", "acme") })
        .row_given("claim_identity", [401, 400, 400, 400, 400], |_, _| async {
            Given::nothing().path("id", "acme").body(json!({ "code": "x", "code_verifier": "y" }))
        })
        .row_given("unlink_identity", [401, 404, 204, 404, 404], |app, owner| async move {
            Given::nothing().path("id", identity_of(&app, owner.id).await)
        })
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let app = TestApp::<Seen>::start().await;
    let access = second_factors(tokens(recovery(Access::of(&app).await)));
    providers(exports(erasures(administration(passkeys::again(passkeys::alone(access))))))
        .row_given("register_account", [201; 5], |_, owner| async move {
            Given::nothing().body(json!({ "email": format!("{}@new.example.org", owner.id), "password": PASSWORD }))
        })
        .row("show_verify_email", [200; 5])
        .row_given("verify_email", [400; 5], |_, _| async { Given::nothing().body(json!({ "token": "x" })) })
        .row_given("resend_verification", [202; 5], |_, _| async {
            Given::nothing().body(json!({ "email": "ada@example.org" }))
        })
        .row("get_my_account", [401, 200, 200, 200, 200])
        .row_given("claim_username", [401, 200, 200, 200, 200], |_, owner| async move {
            Given::nothing().body(json!({ "username": owner.id.to_string().replace('-', "_") }))
        })
        .row_given("log_in", [200; 5], |app, owner| async move {
            Given::nothing().body(credentials_of(&app, owner.id).await)
        })
        .row_given("refresh_session", [200; 5], |app, owner| async move {
            let credentials = credentials_of(&app, owner.id).await;
            let tokens = app.nobody().post("/auth/login", credentials).await.json();
            Given::nothing().body(json!({ "refresh_token": tokens["refresh_token"] }))
        })
        .row("log_out", [401, 204, 204, 204, 204])
        .row("list_sessions", [401, 200, 200, 200, 200])
        .row_given("revoke_sessions", [401, 204, 204, 204, 204], |_, _| async {
            Given::nothing().query("except=current")
        })
        .row_given("revoke_session", [401, 404, 204, 404, 404], |app, owner| async move {
            Given::nothing().path("id", session_of(&app, owner.id).await)
        })
        .row("list_security_events", [401, 200, 200, 200, 200])
        .row("get_my_subscription", [401, 200, 200, 200, 200])
        .row("receive_stripe_event", [400; 5])
        .row("list_keys", [200; 5])
        .row("describe_server", [200; 5])
        .check()
        .await;
}
