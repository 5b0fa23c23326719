//! A person is erased: every service says what it erased, and nothing is found of him anywhere.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::fleet::Fleet;
use crate::mail;
use crate::person::{Answer, Person, fresh, registration, send};
use crate::wait;

/// The databases, and what of an erased person stays in each: that he was erased, by his id.
const DATABASES: [(&str, &[&str]); 4] = [
    ("auth_db", &["erased_subjects.user_id", "erasures.user_id"]),
    ("user_db", &["erased_subjects.user_id"]),
    ("post_db", &["erased_subjects.user_id"]),
    ("notifications_db", &["erased_subjects.user_id"]),
];

const COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text
    FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2";

/// An erasure, followed by its receipt.
struct Followed<'f> {
    fleet: &'f Fleet,
    at: String,
    token: String,
}

impl<'f> Followed<'f> {
    /// Asks for it.
    async fn of(person: &Person<'f>) -> Self {
        let answer = person.delete("/users/me").await.is(202);
        let json = answer.json();
        let token = json["receipt_token"].as_str().unwrap().to_owned();
        assert!(answer.header("location").ends_with(json["erasure_id"].as_str().unwrap()), "{json}");
        Self { fleet: person.fleet, at: answer.header("location").to_owned(), token }
    }

    async fn read(&self) -> Answer {
        let request = self.fleet.http.get(self.fleet.url(&self.at));
        send(request.header("authorization", format!("Receipt {}", self.token))).await
    }

    /// Waits until it is so far.
    async fn is(&self, state: &str) -> Value {
        wait::until(&format!("the erasure to be {state}"), Duration::from_secs(60), || async {
            let answer = self.read().await;
            (answer.status == 200).then(|| answer.json()).filter(|erasure| erasure["state"] == state)
        })
        .await
    }

    /// What a service erased so far; nothing where its receipt is missing.
    async fn counts(&self, service: &str) -> Option<Value> {
        let erasure = self.read().await.json();
        let services = erasure["services"].as_array()?.clone();
        let one = services.into_iter().find(|one| one["name"] == service)?;
        (one["state"] == "CONFIRMED").then(|| one["counts"].clone())
    }

    /// Waits until a service, and nobody else before auth, is waited for.
    async fn waits_for(&self, service: &str) {
        wait::until_true(&format!("{service} to be the one that is missing"), Duration::from_secs(30), async || {
            let erasure = self.read().await.json();
            let asked = erasure["services"].as_array().cloned().unwrap_or_default();
            let missing: Vec<_> = asked.iter().filter(|one| one["state"] == "ASKED").collect();
            erasure["state"] == "RUNNING" && matches!(missing.as_slice(), [one] if one["name"] == service)
        })
        .await;
    }
}

/// The columns of a database in which one of these words stands.
async fn found(fleet: &Fleet, database: &str, words: &[String]) -> Vec<String> {
    let (client, io) = fleet.connect(database).await;
    let mut found = Vec::new();
    for row in client.query(COLUMNS, &[]).await.unwrap() {
        let (table, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let text = if kind == "bytea" { format!("encode({column:?}, 'escape')") } else { format!("{column:?}::text") };
        let says: Vec<_> = words.iter().map(|word| format!("strpos(lower({text}), lower('{word}')) > 0")).collect();
        let count = format!("SELECT count(*) FROM {table:?} WHERE {}", says.join(" OR "));
        if client.query_one(&count, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    io.abort();
    found
}

/// Nothing of these words is anywhere, but that somebody was erased.
async fn forgotten(fleet: &Fleet, words: &[String]) {
    for (database, stays) in DATABASES {
        wait::until_true(&format!("{database} to forget"), Duration::from_secs(20), async || {
            let found = found(fleet, database, words).await;
            let clean = found == stays;
            if !clean {
                println!("{database}: {found:?}");
            }
            clean
        })
        .await;
    }
    let client = redis::Client::open(fleet.part("redis").url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    for key in keys {
        let value: Option<Vec<u8>> = redis::cmd("DUMP").arg(&key).query_async(&mut connection).await.unwrap();
        let text = String::from_utf8_lossy(&[key, value.unwrap_or_default()].concat()).to_lowercase();
        assert!(!words.iter().any(|word| text.contains(&word.to_lowercase())), "Redis keeps {text}");
    }
}

/// All words by which somebody is known.
fn words(person: &Person<'_>, more: &[&str]) -> Vec<String> {
    let name = person.email.split('@').next().unwrap().to_owned();
    let mut words = vec![person.id.clone(), person.id.replace('-', ""), person.email.clone(), name];
    words.extend(more.iter().map(|word| (*word).to_owned()));
    words
}

pub async fn a_person_is_forgotten_everywhere_and_may_come_back(fleet: Arc<Fleet>) {
    let (ada, bob) = (Person::new(&fleet).await, Person::new(&fleet).await);
    let full_name = format!("Augusta {}", fresh("byron"));
    ada.patch("/users/me", json!({ "full_name": full_name })).await.is(200);
    let (hers, his) = (ada.has_post("À moi").await, bob.has_post("À lui").await);
    for (person, post) in [(&ada, &his), (&bob, &hers), (&bob, &his)] {
        person.set(&format!("{post}/like")).await.is(204);
        person.post(&format!("{post}/comments"), json!({ "body": "Bravo" })).await.is(201);
    }
    ada.elsewhere().await;
    fleet.settled(Duration::from_secs(30)).await;
    let erasure = Followed::of(&ada).await;
    ada.get("/auth/me").await.refuses(401, "token_revoked");
    let whole = erasure.is("COMPLETED").await;
    let names: Vec<_> = whole["services"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["notifications", "posts", "users", "auth"].map(Value::from));
    let posts = erasure.counts("posts").await.unwrap();
    assert_eq!((&posts["posts"], &posts["likes"], &posts["comments"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(erasure.counts("users").await.unwrap()["profiles"], 1);
    assert_eq!(erasure.counts("notifications").await.unwrap()["contacts"], 1);
    assert_eq!(erasure.counts("auth").await.unwrap()["accounts"], 1);
    bob.get(&hers).await.refuses(404, "not_found");
    let shown = bob.get(&his).await.is(200).json();
    assert_eq!((&shown["like_count"], &shown["comment_count"]), (&json!(1), &json!(1)));
    wait::until_true("the last mail", Duration::from_secs(15), async || {
        mail::to(&fleet, &ada.email).last().is_some_and(|mail| mail.subject == "Votre compte est effacé")
    })
    .await;
    forgotten(&fleet, &words(&ada, &[&full_name])).await;
    comes_back(&fleet, &ada).await;
}

/// The same address opens another account.
async fn comes_back(fleet: &Fleet, person: &Person<'_>) {
    let name = person.email.split('@').next().unwrap();
    let before = mail::to(fleet, &person.email).len();
    let mut again = Person::without_account(fleet, person.email.clone());
    let registered = again.post("/auth/register", registration(name)).await.is(201).json();
    assert_ne!(registered["user"]["id"], person.id.as_str());
    let token = mail::wait_for(fleet, &person.email, before + 1).await.token();
    again.post("/auth/verify-email", json!({ "token": token })).await.is(200);
    again.sign_in().await;
    again.get("/users/me").await.is(200);
}

pub async fn a_service_killed_before_it_is_asked_erases_when_it_is_back(fleet: Arc<Fleet>) {
    for service in ["users", "posts", "notifications"] {
        let ada = Person::new(&fleet).await;
        ada.has_post("À moi").await;
        fleet.settled(Duration::from_secs(30)).await;
        let old = fleet.kill(service);
        let erasure = Followed::of(&ada).await;
        fleet.back(service, old, Duration::from_secs(20)).await;
        erasure.is("COMPLETED").await;
        forgotten(&fleet, &words(&ada, &[])).await;
    }
}

pub async fn a_service_killed_while_it_is_asked_is_named_and_then_erases(fleet: Arc<Fleet>) {
    for service in ["users", "posts", "notifications"] {
        let ada = Person::new(&fleet).await;
        ada.has_post("À moi").await;
        fleet.settled(Duration::from_secs(30)).await;
        fleet.freeze(service, true);
        let erasure = Followed::of(&ada).await;
        erasure.waits_for(service).await;
        let old = fleet.kill(service);
        fleet.back(service, old, Duration::from_secs(20)).await;
        erasure.is("COMPLETED").await;
        forgotten(&fleet, &words(&ada, &[])).await;
    }
}

/// Takes the lead from the relay of a database: what its service tells stays unsaid until this connection is dropped.
async fn hushed(fleet: &Fleet, database: &str) -> Client {
    const DEPOSE: &str = "SELECT pg_terminate_backend(pid)::int::bigint FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid = 1869966946 AND objid = 1 AND granted AND pid <> $1";
    const LEAD: &str = "SELECT pg_try_advisory_lock(1869966946, 1)";
    let (client, _) = fleet.connect(database).await;
    let own: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    wait::until_true("the relay's lead", Duration::from_secs(20), async || {
        client.query(DEPOSE, &[&own]).await.unwrap();
        client.query_one(LEAD, &[]).await.unwrap().get(0)
    })
    .await;
    client
}

pub async fn a_service_killed_with_its_receipt_untold_tells_it_when_it_is_back(fleet: Arc<Fleet>) {
    const UNTOLD: &str =
        "SELECT count(*) FROM outbox WHERE type = 'gdpr.erasure.confirmed.v1' AND published_at IS NULL";
    for (service, database) in [("users", "user_db"), ("posts", "post_db"), ("notifications", "notifications_db")] {
        let ada = Person::new(&fleet).await;
        ada.has_post("À moi").await;
        fleet.settled(Duration::from_secs(30)).await;
        let hush = hushed(&fleet, database).await;
        let erasure = Followed::of(&ada).await;
        wait::until_true(&format!("{service} to write its receipt"), Duration::from_secs(30), async || {
            fleet.sql(database, UNTOLD).await == [1]
        })
        .await;
        erasure.waits_for(service).await;
        let old = fleet.kill(service);
        drop(hush);
        fleet.back(service, old, Duration::from_secs(20)).await;
        erasure.is("COMPLETED").await;
        forgotten(&fleet, &words(&ada, &[])).await;
    }
}

pub async fn auth_killed_while_receipts_are_missing_goes_on(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    fleet.settled(Duration::from_secs(30)).await;
    fleet.freeze("posts", true);
    let erasure = Followed::of(&ada).await;
    erasure.waits_for("posts").await;
    let old = fleet.kill("auth");
    fleet.back("auth", old, Duration::from_secs(20)).await;
    fleet.freeze("posts", false);
    erasure.is("COMPLETED").await;
    forgotten(&fleet, &words(&ada, &[])).await;
}
