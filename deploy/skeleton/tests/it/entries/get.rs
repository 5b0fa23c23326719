use crate::support::{TestApp, written_by};

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_finds_nothing() {
    let (_app, ada, bob) = TestApp::with_two_users().await;
    let path = format!("/skeleton-name/entries/{}", written_by(&ada).await);
    bob.get(&path).await.is(404, "not_found");
    ada.get(&path).await.has_status(200);
}
