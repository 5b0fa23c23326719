use crate::support::{TestApp, new_entry};

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_entry_is_refused() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    ada.post("/skeleton-name/entries", new_entry("  ")).await.is(422, "invalid").names("/body", "blank");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_where_the_answer_says() {
    let (_app, ada, _) = TestApp::with_two_users().await;
    let made = ada.post("/skeleton-name/entries", new_entry(" Bonjour ")).await;
    let there = ada.get(made.has_status(201).header("location").unwrap()).await;
    assert_eq!(there.json()["body"], "Bonjour");
}
