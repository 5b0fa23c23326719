//! Changing the key that signs tokens, while everybody works.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::fleet::{self, Fleet};
use crate::person::{Person, send};
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
