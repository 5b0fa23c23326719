//! Parts of the fleet are killed under traffic: nothing acknowledged is lost, nothing happens twice.

use std::sync::Arc;
use std::time::Duration;

use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use serde_json::json;

use crate::fleet::Fleet;
use crate::person::{PASSWORD, Person, fresh, registration, send};
use crate::{ledger, mail, wait};

pub async fn users_killed_under_traffic_loses_nothing(fleet: Arc<Fleet>) {
    service_killed(&fleet, "users").await;
}

pub async fn posts_killed_under_traffic_loses_nothing(fleet: Arc<Fleet>) {
    service_killed(&fleet, "posts").await;
}

async fn service_killed(fleet: &Arc<Fleet>, name: &str) {
    let tally = ledger::under(fleet, || async {
        for _ in 0..3 {
            let old = fleet.kill(name);
            fleet.back(name, old, Duration::from_secs(15)).await;
        }
    })
    .await;
    tally.is_clean();
}

pub async fn postgresql_killed_under_traffic_loses_nothing(fleet: Arc<Fleet>) {
    let tally = ledger::under(&fleet, || async {
        let services: Vec<_> =
            ["auth", "users", "posts", "notifications"].iter().map(|name| fleet.part(name).pid).collect();
        let old = fleet.kill("postgres");
        wait::until_true("PostgreSQL to be another process", Duration::from_secs(30), async || {
            fleet.part("postgres").pid.is_some_and(|pid| pid != old)
        })
        .await;
        let ada = fleet.http.get(format!("{}/health", fleet.part("posts").url));
        wait::until_true("pools to heal", Duration::from_secs(30), async || {
            send(ada.try_clone().unwrap()).await.json()["database"] == "connected"
        })
        .await;
        let after: Vec<_> =
            ["auth", "users", "posts", "notifications"].iter().map(|name| fleet.part(name).pid).collect();
        assert_eq!(services, after, "pools heal without a restart");
    })
    .await;
    tally.is_clean();
}

pub async fn redis_killed_under_traffic_loses_nothing(fleet: Arc<Fleet>) {
    let tally = ledger::under(&fleet, || async {
        for _ in 0..2 {
            let old = fleet.kill("redis");
            wait::until_true("Redis to be another process", Duration::from_secs(20), async || {
                fleet.part("redis").pid.is_some_and(|pid| pid != old)
            })
            .await;
        }
    })
    .await;
    tally.is_clean();
    let served: usize = tally.acknowledged;
    let refused: usize = tally.refused.iter().filter(|(status, _)| **status >= 500).map(|(_, times)| times).sum();
    assert!(refused * 1_000 <= served, "{refused} of {served} failed though Redis is not needed");
}

/// The broker is stopped where it stands for 20 s, then killed: what was written meanwhile arrives, once.
pub async fn the_broker_away_for_twenty_seconds_loses_nothing(fleet: Arc<Fleet>) {
    let names: Vec<_> = (0..5).map(|_| fresh("away")).collect();
    let stranger = Person::without_account(&fleet, "");
    let tally = ledger::under(&fleet, || async {
        fleet.freeze("rabbitmq", true);
        let begun = std::time::Instant::now();
        for name in &names {
            stranger.post("/auth/register", registration(name)).await.is(201);
        }
        wait::until_true("twenty seconds", Duration::from_secs(25), async || begun.elapsed() > Duration::from_secs(20))
            .await;
        let old = fleet.kill("rabbitmq");
        wait::until_true("the broker to be another process", Duration::from_secs(60), async || {
            fleet.part("rabbitmq").pid.is_some_and(|pid| pid != old)
        })
        .await;
    })
    .await;
    tally.is_clean();
    let failed: usize = tally.refused.iter().filter(|(status, _)| **status >= 500).map(|(_, times)| times).sum();
    assert_eq!(failed, 0, "writes do not need the broker: {:?}", tally.refused);
    for name in &names {
        each_mail_once(&fleet, &format!("{name}@example.org")).await;
    }
}

pub async fn notifications_away_sends_each_mail_once(fleet: Arc<Fleet>) {
    let stranger = Person::without_account(&fleet, "");
    let names: Vec<_> = (0..6).map(|_| fresh("once")).collect();
    for name in &names {
        stranger.post("/auth/register", registration(name)).await.is(201);
        let old = fleet.kill("notifications");
        fleet.back("notifications", old, Duration::from_secs(15)).await;
    }
    fleet.settled(Duration::from_secs(30)).await;
    for name in &names {
        each_mail_once(&fleet, &format!("{name}@example.org")).await;
    }
}

async fn each_mail_once(fleet: &Fleet, email: &str) {
    let letter = mail::wait_for(fleet, email, 1).await;
    let mut person = Person::without_account(fleet, email);
    person.post("/auth/verify-email", json!({ "token": letter.token() })).await.is(200);
    mail::wait_for(fleet, email, 2).await;
    person.sign_in().await;
    person.get("/users/me").await.is(200);
    fleet.settled(Duration::from_secs(30)).await;
    assert_eq!(mail::to(fleet, email).len(), 2, "one link and one welcome for {email}");
}

pub async fn a_poison_message_is_set_aside_and_the_good_ones_are_done(fleet: Arc<Fleet>) {
    let dead = "q.users.dead";
    let before = fleet.waiting(dead).await.expect("a queue for what cannot be done");
    let channel = fleet.channel().await;
    let wrong_schema = json!({ "specversion": "1.0", "id": uuid::Uuid::nil(), "type": "auth.user.registered.v1", "data": { "user_id": 7 } });
    for poison in [b"not json at all".to_vec(), wrong_schema.to_string().into_bytes(), b"{}".to_vec()] {
        let properties = BasicProperties::default().with_delivery_mode(2).with_type("auth.user.registered.v1".into());
        let sent = channel.basic_publish(
            "fleet.in".into(),
            "auth.user.registered.v1".into(),
            BasicPublishOptions::default(),
            &poison,
            properties,
        );
        sent.await.unwrap().await.unwrap();
    }
    let ada = Person::new(&fleet).await; // the good ones behind it
    assert_eq!(ada.get("/users/me").await.is(200).json()["full_name"], "Ada Lovelace");
    wait::until_true("the poison to be set aside", Duration::from_secs(10), async || {
        fleet.waiting(dead).await == Some(before + 3)
    })
    .await;
    let letter = channel
        .basic_get(dead.into(), lapin::options::BasicGetOptions::default())
        .await
        .unwrap()
        .expect("a dead letter");
    let headers = format!("{:?}", letter.properties.headers());
    assert!(headers.contains("reason"), "it says why: {headers}");
    letter.nack(lapin::options::BasicNackOptions { requeue: true, multiple: false }).await.unwrap();
    let metrics = send(fleet.http.get(fleet.internal("users", "/metrics"))).await.text;
    assert!(metrics.contains("queue_dead_total{"), "{metrics}");
}

/// Tokens go on being accepted where auth is not needed.
pub async fn auth_away_is_unnoticed_by_the_others(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    fleet.freeze("auth", true);
    for _ in 0..20 {
        ada.get("/users/me").await.is(200);
    }
    ada.has_post("Sans auth").await;
    let refused = ada.post("/auth/login", json!({ "email": ada.email, "password": PASSWORD })).await;
    fleet.freeze("auth", false);
    assert!([502, 503, 504].contains(&refused.status), "{refused:?}");
    wait::until_true("auth to be back", Duration::from_secs(20), async || ada.get("/auth/me").await.status == 200)
        .await;
}

pub async fn a_service_killed_comes_back_as_another_process(fleet: Arc<Fleet>) {
    for name in ["gateway", "notifications", "mongodb", "redis"] {
        let old = fleet.kill(name);
        wait::until_true(&format!("{name} to be back"), Duration::from_secs(20), async || {
            fleet.part(name).pid.is_some_and(|pid| pid != old && std::path::Path::new(&format!("/proc/{pid}")).exists())
        })
        .await;
    }
    wait::until_true("the gateway to be healthy", Duration::from_secs(20), async || {
        match fleet.http.get(fleet.url("/health")).send().await {
            Ok(answer) => answer.text().await.is_ok_and(|text| text.contains("\"healthy\"")),
            Err(_) => false,
        }
    })
    .await;
}
