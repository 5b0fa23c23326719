//! GET /auth/erasures/{id}.

use serde_json::json;

use super::{Erasure, NAME, OTHERS, confirms, deletes, look, with_services};
use crate::support::Deeds;

#[tokio::test]
async fn to_strangers_there_is_no_such_erasure() {
    let app = with_services(&[]).await;
    let (zelda, bob) = (app.signs_in(NAME).await, app.signs_in("bob").await);
    let erasure = deletes(&zelda).await;
    let path = format!("/auth/erasures/{}", erasure.id);
    app.nobody().get(&path).await.is(401, "unauthenticated");
    bob.actor.get(&path).await.is(404, "not_found");
    zelda.actor.get(&path).await.is(401, "token_revoked");
    let other = deletes(&bob).await;
    Erasure { id: erasure.id, token: other.token }.read(&app).await.is(404, "not_found");
    app.nobody().get(&path).header("authorization", "Receipt x").await.is(404, "not_found");
    app.nobody().get(&path).header("authorization", "Basic x").await.is(401, "unauthenticated");
}

#[tokio::test]
async fn it_says_what_each_service_erased() {
    let app = with_services(&[]).await;
    let zelda = app.signs_in(NAME).await;
    let erasure = deletes(&zelda).await;
    look(&app).await;
    confirms(&app, "posts", &erasure).await;
    let shown = erasure.read(&app).await.json();
    assert_eq!(shown["state"], "RUNNING");
    let posts = &shown["services"][1];
    assert_eq!(
        (&posts["name"], &posts["state"], &posts["counts"]),
        (&json!("posts"), &json!("CONFIRMED"), &json!({ "rows": 3 }))
    );
    assert_eq!(shown["services"][0]["confirmed_at"], json!(null));
    for service in OTHERS {
        let _ = app.deliver(&super::receipt(service, erasure.id)).await;
    }
    let shown = erasure.read(&app).await.json();
    let own = &shown["services"][3];
    assert_eq!((&own["name"], &own["state"]), (&json!("auth"), &json!("CONFIRMED")));
    assert_eq!((&own["counts"]["accounts"], &own["counts"]["sessions"]), (&json!(1), &json!(1)));
}
