//! What this service's tests say in one line.

use auth::state::State;
use auth::turns::Turns;
use contracts::mail::Send;
use contracts::{Event, Exchange, UserId, catalogue};
use diesel_migrations::EmbeddedMigrations;
use outbox::Subscriptions;
use serde_json::{Value, json};
use server::Definition;
use testkit::{Actor, Answer, Call, Subject};

/// The service under test, which signs its own tokens.
pub struct Auth;

/// The service, served.
pub type TestApp = testkit::TestApp<Auth>;

/// A good password.
pub const PASSWORD: &str = "sept-vaches-bleues";
/// Another one.
pub const NEW_PASSWORD: &str = "huit-chevaux-verts";
/// What Stripe signs with: today's secret, and the one that will replace it.
pub const STRIPE_SECRETS: [&str; 2] = ["whsec_of_the_tests_and_of_nobody_else", "whsec_that_will_replace_it_one_day__"];

impl Subject for Auth {
    type State = State;
    const FOLDER: &'static str = env!("CARGO_MANIFEST_DIR");
    const SIGNS: bool = true;

    fn definition() -> Definition {
        auth::service()
    }

    fn migrations() -> EmbeddedMigrations {
        auth::MIGRATIONS
    }

    fn subscriptions() -> Subscriptions<State> {
        auth::events::subscriptions()
    }

    fn variables() -> Vec<(&'static str, String)> {
        let often = |name| (name, "1000/min".to_owned());
        vec![
            ("AUTH_KEY_SECRET", "a secret of forty characters, for tests.".into()),
            ("AUTH_SERVICE_KEYS", testkit::service_keys(&["auth", "users", "posts", "notifications"])),
            ("AUTH_HASH_PERMITS", "4".into()),
            ("AUTH_STRIPE_WEBHOOK_SECRET", STRIPE_SECRETS.join(",")),
            ("AUTH_PASSKEY_RP_ID", "localhost".into()),
            ("AUTH_PASSKEY_ORIGINS", "http://localhost:8080,http://app.localhost:8080".into()),
            // Nobody listens there; a test that wants somebody to says where.
            ("AUTH_PROVIDERS", "google,acme".into()),
            ("AUTH_PROVIDER_GOOGLE_ISSUER", "http://127.0.0.1:1".into()),
            ("AUTH_PROVIDER_GOOGLE_CLIENT_ID", "jolmood".into()),
            ("AUTH_PROVIDER_GOOGLE_CLIENT_SECRET", "a secret of ours at Google".into()),
            ("AUTH_PROVIDER_ACME_ISSUER", "http://127.0.0.1:1".into()),
            ("AUTH_PROVIDER_ACME_CLIENT_ID", "jolmood".into()),
            ("AUTH_PROVIDER_ACME_CLIENT_SECRET", "a secret of ours at Acme".into()),
            ("AUTH_REDIRECT_URIS", "https://app.example.org/signed-in,https://app.example.org/other?x=1".into()),
            often("LIMIT_LOGIN"),
            often("LIMIT_MAIL"),
            often("LIMIT_ADMIN_MAIL"),
            often("LIMIT_REFRESH"),
        ]
    }
}

/// Somebody who is signed in here.
pub struct SignedIn {
    /// To call as.
    pub actor: Actor,
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// The account.
    pub id: UserId,
}

/// What people have done before a test begins.
pub trait Deeds {
    /// Asked for an account for `<name>@example.org`.
    async fn registers(&self, name: &str) -> Answer;
    /// The same, and proved the address.
    async fn has_account(&self, name: &str);
    /// The same, and signed in.
    async fn signs_in(&self, name: &str) -> SignedIn;
    /// The same, an administrator who showed a second factor.
    async fn administers(&self, name: &str) -> SignedIn;
    /// Is about to try to sign in.
    fn enters(&self, name: &str, password: &str) -> Call;
    /// Tried to sign in.
    async fn logs_in(&self, name: &str, password: &str) -> Answer;
    /// Showed a refresh token.
    async fn refreshes(&self, token: &str) -> Answer;
    /// Asked for a new password.
    async fn forgets(&self, name: &str) -> Answer;
    /// Put another password in the place of the current one.
    async fn changes_password(&self, who: &SignedIn, current: &str, new: &str) -> Answer;
    /// Asked that the account be at `<name>@example.org`.
    async fn asks_to_be(&self, who: &SignedIn, name: &str) -> Answer;
    /// Proved the new address by a mailed secret.
    async fn confirms(&self, token: &str) -> Answer;
    /// Set a new password by a mailed secret.
    async fn resets(&self, token: &str, password: &str) -> Answer;
    /// The secrets of all links that were mailed to `<name>@example.org` to prove it, in order.
    async fn links(&self, name: &str) -> Vec<String>;
    /// The secrets of all links of one kind that were mailed to `<name>@example.org`, in order.
    async fn secrets(&self, template: &str, name: &str) -> Vec<String>;
    /// All mails to `<name>@example.org`, in order.
    async fn mails(&self, name: &str) -> Vec<Send>;
    /// No event that is kept for others holds one of these words, or an address.
    async fn kept_no_word_of(&self, words: &[String]);
    /// How often an event of this type was told.
    async fn told<E: Event>(&self) -> usize;
    /// Changes rows behind the service's back.
    async fn execute(&self, statement: &str);
    /// The states of so many processes on this database, whose connections are made.
    async fn processes(&self, count: usize) -> Vec<State>;
    /// Counts what a statement finds.
    async fn count(&self, statement: &'static str) -> i64;
}

pub fn address(name: &str) -> String {
    format!("{name}@example.org")
}

impl SignedIn {
    /// Whoever a login or refresh answered.
    pub fn of(app: &TestApp, answer: &Answer) -> Self {
        answer.has_status(200);
        let json = answer.json();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        let id = json["user"]["id"].as_str().unwrap().parse().unwrap();
        let actor = app.actor(json["user"]["email"].as_str().unwrap(), id, text("access_token"));
        Self { actor, access: text("access_token"), refresh: text("refresh_token"), id }
    }

    /// The claims of the access token.
    pub fn claims(&self) -> Value {
        part(&self.access, 1)
    }

    /// The header of the access token.
    pub fn header(&self) -> Value {
        part(&self.access, 0)
    }
}

fn part(token: &str, at: usize) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

impl Deeds for TestApp {
    async fn registers(&self, name: &str) -> Answer {
        let new =
            json!({ "email": address(name), "password": PASSWORD, "username": name, "full_name": "Ada Lovelace" });
        self.nobody().post("/auth/register", new).await
    }

    async fn has_account(&self, name: &str) {
        self.registers(name).await.has_status(201);
        let token = self.links(name).await.pop().unwrap();
        self.nobody().post("/auth/verify-email", json!({ "token": token })).await.has_status(200);
    }

    async fn signs_in(&self, name: &str) -> SignedIn {
        self.has_account(name).await;
        SignedIn::of(self, &self.logs_in(name, PASSWORD).await)
    }

    async fn administers(&self, name: &str) -> SignedIn {
        let plain = self.signs_in(name).await;
        let user = plain.id;
        self.execute(&format!(
            "UPDATE users SET roles = '{{user,admin}}' WHERE id = '{user}';
             UPDATE sessions SET amr = '{{pwd,otp,mfa}}' WHERE user_id = '{user}'"
        ))
        .await;
        SignedIn::of(self, &self.refreshes(&plain.refresh).await)
    }

    fn enters(&self, name: &str, password: &str) -> Call {
        self.nobody().post("/auth/login", json!({ "email": address(name), "password": password }))
    }

    async fn logs_in(&self, name: &str, password: &str) -> Answer {
        self.enters(name, password).await
    }

    async fn refreshes(&self, token: &str) -> Answer {
        self.nobody().post("/auth/refresh", json!({ "refresh_token": token })).await
    }

    async fn forgets(&self, name: &str) -> Answer {
        self.nobody().post("/auth/forgot-password", json!({ "email": address(name) })).await
    }

    async fn changes_password(&self, who: &SignedIn, current: &str, new: &str) -> Answer {
        who.actor.post("/auth/change-password", json!({ "current_password": current, "new_password": new })).await
    }

    async fn asks_to_be(&self, who: &SignedIn, name: &str) -> Answer {
        who.actor.post("/auth/change-email", json!({ "new_email": address(name) })).await
    }

    async fn confirms(&self, token: &str) -> Answer {
        self.nobody().post("/auth/change-email/confirm", json!({ "token": token })).await
    }

    async fn resets(&self, token: &str, password: &str) -> Answer {
        let reset = json!({ "token": token, "new_password": password });
        self.nobody().post("/auth/reset-password", reset).await
    }

    async fn links(&self, name: &str) -> Vec<String> {
        self.secrets("verify_email", name).await
    }

    async fn secrets(&self, template: &str, name: &str) -> Vec<String> {
        let mails = self.mails(name).await;
        let links = mails.iter().filter(|mail| mail.template == template);
        links.map(|mail| mail.params["link"].split("token=").nth(1).unwrap().to_owned()).collect()
    }

    async fn mails(&self, name: &str) -> Vec<Send> {
        let to = Some(address(name));
        self.emitted_of::<Send>().await.into_iter().filter(|mail| mail.to == to).collect()
    }

    async fn kept_no_word_of(&self, words: &[String]) {
        let private = catalogue::all().into_iter().filter(|entry| entry.exchange == Exchange::Private);
        let private: Vec<_> = private.map(|entry| entry.event_type).collect();
        for told in self.emitted().await.iter().filter(|told| !private.contains(&told.event_type.as_str())) {
            let text = serde_json::to_string(told).unwrap();
            assert!(!text.contains('@') && !words.iter().any(|word| text.contains(word)), "{text}");
        }
    }

    async fn told<E: Event>(&self) -> usize {
        self.emitted_of::<E>().await.len()
    }

    async fn execute(&self, statement: &str) {
        use diesel_async::SimpleAsyncConnection;
        self.db().conn().await.unwrap().batch_execute(statement).await.unwrap();
    }

    async fn processes(&self, count: usize) -> Vec<State> {
        drop(together((0..count).map(|_| self.db().conn())).await);
        let process = |_| State { db: self.db().clone(), turns: Turns::default(), ..self.state().clone() };
        (0..count).map(process).collect()
    }

    async fn count(&self, statement: &'static str) -> i64 {
        use diesel_async::RunQueryDsl;
        let mut conn = self.db().conn().await.unwrap();
        db::sql::<diesel::sql_types::BigInt>(statement).get_result(&mut *conn).await.unwrap()
    }
}

/// What a browser sends to be known again, after a login that was answered so.
#[track_caller]
pub fn device_of(answer: &Answer) -> String {
    answer.has_status(200);
    answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).unwrap().to_owned()
}

/// Runs all of them at once.
pub async fn together<F: IntoFuture>(all: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(all.into_iter().map(IntoFuture::into_future)).await
}

/// An account that somebody reads in a transaction of his own: nobody changes it until then.
pub struct Held(db::Conn);

/// Holds an account as a refresh does.
pub async fn held(app: &TestApp, user: UserId) -> Held {
    use diesel_async::SimpleAsyncConnection;
    let mut conn = app.db().conn().await.unwrap();
    conn.batch_execute(&format!("BEGIN; SELECT FROM users WHERE id = '{user}' FOR SHARE")).await.unwrap();
    Held(conn)
}

impl Held {
    /// Lets it go.
    pub async fn release(mut self) {
        use diesel_async::SimpleAsyncConnection;
        self.0.batch_execute("COMMIT").await.unwrap();
    }
}

/// Looks until somebody waits for a lock in this database.
pub async fn somebody_waits(app: &TestApp) {
    const WAITING: &str =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..10_000 {
        if app.count(WAITING).await > 0 {
            return;
        }
    }
    panic!("nobody waits");
}
