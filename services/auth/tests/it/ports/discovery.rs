//! What a provider says of itself.

use auth::ports::discovery::{Discovery, Web};
use outbound::Site;

use crate::stand_in::{StandIn, usual};
use crate::support::together;

fn discovery(provider: &StandIn) -> Discovery {
    Discovery::of(&provider.url, Web(Site::new("acme", &provider.url.parse().unwrap())))
}

#[tokio::test]
async fn what_was_heard_is_believed_without_asking_again() {
    let provider = StandIn::new();
    let discovery = discovery(&provider);
    for heard in together((0..20).map(|_| discovery.metadata())).await {
        heard.unwrap();
    }
    discovery.newer().await.unwrap();
    assert_eq!(provider.asked("/jwks").len(), 1, "not even for a key that is missing, so soon");
}

#[tokio::test]
async fn whoever_does_not_answer_is_left_alone_for_a_moment() {
    let provider = StandIn::saying(|_, _| (500, String::new()));
    let discovery = discovery(&provider);
    for heard in together((0..20).map(|_| discovery.metadata())).await {
        assert!(heard.is_err());
    }
    assert_eq!(provider.asked("/.well-known/openid-configuration").len(), 1);
}

#[tokio::test]
async fn whoever_says_to_be_another_is_not_believed() {
    let provider = StandIn::saying(|url, path| {
        let (status, said) = usual(url, path);
        (status, said.replace(&format!("\"issuer\":\"{url}\""), "\"issuer\":\"https://accounts.google.com\""))
    });
    let heard = discovery(&provider).metadata().await;
    assert!(heard.is_err_and(|failure| failure.to_string().contains("unexpected issuer")));
}
