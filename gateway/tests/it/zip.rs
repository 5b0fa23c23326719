//! Answers made smaller for those who take it.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::support::{Gate, Reply};

fn unzipped(reply: &Reply) -> String {
    assert_eq!(reply.header("content-encoding"), Some("gzip"), "{reply:?}");
    let mut text = String::new();
    GzDecoder::new(reply.body.as_slice()).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_large_text_is_zipped_for_those_who_take_it_and_for_nobody_else() {
    let gate = Gate::start().await;
    let path = "/api/v1/echo?large=200000";
    let plain = gate.get(path, &[]).await;
    assert_eq!(plain.header("content-encoding"), None);
    let zipped = gate.get(path, &[("Accept-Encoding", "br;q=1, gzip;q=0.8")]).await;
    assert_eq!(unzipped(&zipped), plain.text());
    assert!(zipped.body.len() < plain.body.len() / 10);
    assert!(zipped.header("vary").unwrap().contains("accept-encoding"));
    for other in ["br", "identity", "gzip;q=0", ""] {
        assert_eq!(gate.get(path, &[("Accept-Encoding", other)]).await.header("content-encoding"), None, "{other}");
    }
    let small = gate.get("/api/v1/echo", &[("Accept-Encoding", "gzip")]).await;
    assert_eq!(small.header("content-encoding"), None);
    gate.stop().await;
}

#[tokio::test]
async fn a_zipped_answer_has_a_tag_of_its_own_which_the_service_never_sees() {
    let gate = Gate::start().await;
    let tags = [("If-None-Match", "\"7-gzip\""), ("If-Match", "\"6\", \"7-gzip\"")];
    gate.get("/api/v1/echo", &tags).await;
    let seen = &gate.upstream.seen()[0];
    assert_eq!((seen.header("if-none-match"), seen.header("if-match")), (Some("\"7\""), Some("\"6\", \"7\"")));
    let page = gate.get("/api/docs/swagger-ui.css", &[("Accept-Encoding", "gzip")]).await;
    assert!(unzipped(&page).contains(".swagger-ui"));
    gate.stop().await;
}
