//! What was ended is refused, by the gateway and by every service, within a second.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::fleet::Fleet;
use crate::person::{Person, send};
use crate::wait;

/// A path of each service that wants somebody signed in.
pub const DOORS: [(&str, &str); 3] =
    [("auth", "/api/v1/auth/me"), ("users", "/api/v1/users/me"), ("posts", "/api/v1/posts")];

/// The gateway and each service, asked past the gateway, refuse this person's access token within a second.
pub async fn refused_everywhere(gone: &Person<'_>) {
    let fleet = gone.fleet;
    for (service, path) in DOORS {
        for base in [fleet.part("gateway").url, fleet.part(service).url] {
            wait::until_true(&format!("{base}{path} to refuse an ended session"), Duration::from_secs(1), async || {
                send(fleet.http.get(format!("{base}{path}")).bearer_auth(&gone.access)).await.status == 401
            })
            .await;
            let refused = send(fleet.http.get(format!("{base}{path}")).bearer_auth(&gone.access))
                .await
                .refuses(401, "token_revoked");
            assert!(refused.header("www-authenticate").starts_with("Bearer error="), "{:?}", refused.headers);
            assert!(refused.json()["login_url"].is_string(), "{}", refused.text);
        }
    }
}

pub async fn an_ended_session_is_refused_everywhere_within_a_second(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    for (service, path) in DOORS {
        for base in [fleet.part("gateway").url, fleet.part(service).url] {
            send(fleet.http.get(format!("{base}{path}")).bearer_auth(&ada.access)).await.is(200);
        }
    }
    ada.post("/auth/logout", json!({})).await.is(204);
    refused_everywhere(&ada).await;
}

pub async fn an_ended_session_is_refused_after_a_restart(fleet: Arc<Fleet>) {
    let ada = Person::new(&fleet).await;
    let bob = Person::new(&fleet).await;
    ada.post("/auth/logout", json!({})).await.is(204);
    for name in ["gateway", "users", "posts", "auth"] {
        let old = fleet.kill(name);
        fleet.back(name, old, Duration::from_secs(20)).await;
    }
    refused_everywhere(&ada).await;
    bob.get("/users/me").await.is(200);
}
