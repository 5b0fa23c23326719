//! Changing the key that signs tokens, while everybody works.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::clock_travel::travel;
use crate::fleet::{self, Fleet};
use crate::person::{PASSWORD, Person, send};
use crate::revocation::DOORS;
use crate::{ledger, wait};

/// An operator's wish reaches auth, the gateway and every service within this.
const SOON: Duration = Duration::from_secs(5);

/// Lets another key sign, and waits until auth does so.
async fn rotate(fleet: &Fleet, arguments: &[&str]) {
    let done = fleet::run(&[&["rotate-keys"], arguments].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let kid = said.lines().find_map(|line| line.split_once(" signs from now on")).expect(&said).0.to_owned();
    wait::until_true("the new key to be published", SOON, async || {
        let published = send(fleet.http.get(fleet.url("/api/v1/auth/.well-known/jwks.json"))).await.is(200).json();
        published["keys"].as_array().unwrap().iter().any(|key| key["kid"] == kid)
    })
    .await;
}

/// What the gateway and each service, asked past the gateway, answer to this token.
async fn everywhere(person: &Person<'_>, status: u16) {
    for (service, path) in DOORS {
        for part in ["gateway", service] {
            let url = format!("{}{path}", person.fleet.part(part).url);
            wait::until_true(&format!("{url} to answer {status}"), SOON, async || {
                send(person.fleet.http.get(&url).bearer_auth(&person.access)).await.status == status
            })
            .await;
        }
    }
}

pub async fn a_key_is_changed_under_traffic_and_a_stolen_one_disowned(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let tally = ledger::under(&fleet, || async {
        rotate(&fleet, &[]).await;
        everywhere(&ada.elsewhere().await, 200).await;
    })
    .await;
    tally.is_clean();
    assert!(tally.refused.is_empty(), "tokens of the key before live out their time: {:?}", tally.refused);
    everywhere(&ada, 200).await;

    let robbed = ada.elsewhere().await;
    rotate(&fleet, &["--compromised"]).await;
    everywhere(&robbed, 401).await;
    everywhere(&ada, 200).await;
    let refreshed = robbed.post("/auth/refresh", json!({ "refresh_token": robbed.refresh })).await.is(200).json();
    let back = Person { access: refreshed["access_token"].as_str().unwrap().to_owned(), ..robbed.clone() };
    everywhere(&back, 200).await;
}

/// For ten minutes of the fleet's time auth does not answer. Everybody else goes on: keys and revocations are there.
pub async fn auth_away_for_ten_minutes_is_unnoticed_by_the_others(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let gone = ada.elsewhere().await;
    gone.post("/auth/logout", json!({})).await.is(204);
    crate::revocation::refused_everywhere(&gone).await;
    let tally = ledger::under(&fleet, || async {
        fleet.freeze("auth", true);
        let travelled = fleet::run(&["travel", "+10m"]);
        let said = String::from_utf8_lossy(&travelled.stderr).into_owned();
        assert!(!travelled.status.success() && said.contains("auth (") && !said.contains("posts ("), "{said}");
        for (service, path) in DOORS.into_iter().filter(|(service, _)| *service != "auth") {
            for part in ["gateway", service] {
                let ask = |who: &Person<'_>| {
                    fleet.http.get(format!("{}{path}", fleet.part(part).url)).bearer_auth(&who.access)
                };
                send(ask(&ada)).await.is(200);
                send(ask(&gone)).await.refuses(401, "token_revoked");
            }
        }
        let login = ada.post("/auth/login", json!({ "email": ada.email, "password": PASSWORD })).await;
        fleet.freeze("auth", false);
        assert!([502, 503, 504].contains(&login.status), "{login:?}");
    })
    .await;
    travel("now");
    tally.is_clean();
    assert!(tally.refused.is_empty(), "nobody else needs auth: {:?}", tally.refused);
    let back = Duration::from_secs(20);
    wait::until_true("auth to be back", back, async || ada.get("/auth/me").await.status == 200).await;
    everywhere(&ada, 200).await;
}
