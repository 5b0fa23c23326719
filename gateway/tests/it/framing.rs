//! Where one request ends and the next begins: the gateway and a service never see it differently.

use crate::support::Gate;

const HEAD: &str = "POST /api/v1/echo HTTP/1.1\r\nHost: gate\r\n";
const NEXT: &str = "GET /api/v1/echo?smuggled HTTP/1.1\r\nHost: gate\r\n\r\n";

/// What came of these bytes: the statuses, whether it closed, and what the service saw.
async fn sent(gate: &Gate, bytes: String) -> (Vec<u16>, bool, Vec<String>) {
    let before = gate.upstream.seen().len();
    let replies = gate.raw(bytes).await;
    let seen = gate.upstream.seen().into_iter().skip(before);
    let seen = seen.map(|one| format!("{} {} {:?}", one.method, one.target, one.body)).collect();
    (replies.iter().map(|reply| reply.status).collect(), replies.last().is_some_and(|last| last.closed), seen)
}

#[tokio::test]
async fn a_length_beside_chunks_is_framed_anew_and_the_connection_closed() {
    let gate = Gate::start().await;
    for fields in ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"]
    {
        let (statuses, closed, seen) = sent(&gate, format!("{HEAD}{fields}\r\n\r\n2\r\nhi\r\n0\r\n\r\n{NEXT}")).await;
        assert_eq!((statuses, closed), (vec![200], true), "{fields}");
        assert_eq!(seen, ["POST /api/v1/echo \"hi\""], "one framing and one request");
    }
    gate.stop().await;
}

#[tokio::test]
async fn lengths_that_are_not_one_number_are_refused() {
    let gate = Gate::start().await;
    let lengths = [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: +2",
        "Content-Length: 2,2",
        "Content-Length: 2, 2",
        "Content-Length: -2",
        "Content-Length: 0x2",
        "Content-Length: 18446744073709551616",
        "Content-Length: ",
        "Content-Length: 2 2",
    ];
    for fields in lengths {
        let (statuses, closed, seen) = sent(&gate, format!("{HEAD}{fields}\r\n\r\nhi{NEXT}")).await;
        assert_eq!((statuses, closed, seen.len()), (vec![400], true, 0), "{fields}");
    }
    gate.stop().await;
}

#[tokio::test]
async fn transfer_codings_other_than_chunked_once_are_refused() {
    let gate = Gate::start().await;
    let codings = [
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding:\r\n chunked",
        "X: y\r\n Transfer-Encoding: chunked",
        "Transfer-Encoding: \x0bchunked",
    ];
    for fields in codings {
        let (statuses, closed, seen) = sent(&gate, format!("{HEAD}{fields}\r\n\r\n2\r\nhi\r\n0\r\n\r\n{NEXT}")).await;
        assert_eq!((statuses.first(), closed), (Some(&400), true), "{fields:?}");
        assert!(seen.iter().all(|one| !one.contains("POST")), "{fields:?}: {seen:?}");
    }
    let old = "POST /api/v1/echo HTTP/1.0\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned();
    assert_eq!(sent(&gate, old).await, (vec![400], true, vec![]));
    gate.stop().await;
}

#[tokio::test]
async fn chunks_that_are_not_well_formed_end_the_connection() {
    let gate = Gate::start().await;
    let bodies = [
        "fffffffffffffffff\r\nhi\r\n0\r\n\r\n",
        "2\nhi\r\n0\r\n\r\n",
        "2;a\nb\r\nhi\r\n0\r\n\r\n",
        "2\r\nhixx0\r\n\r\n",
        "2\r\nhi\r\n0x\r\n\r\n",
        "+2\r\nhi\r\n0\r\n\r\n",
        " 2\r\nhi\r\n0\r\n\r\n",
        "-2\r\nhi\r\n0\r\n\r\n",
        "\r\nhi\r\n0\r\n\r\n",
    ];
    for body in bodies {
        let (statuses, closed, seen) =
            sent(&gate, format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{body}{NEXT}")).await;
        assert_eq!((statuses, closed), (vec![400], true), "{body:?}");
        assert!(seen.iter().all(|one| !one.contains("smuggled")), "{body:?}: {seen:?}");
    }
    gate.stop().await;
}

#[tokio::test]
async fn a_refusal_of_a_head_that_cannot_be_read_is_a_problem_document_too() {
    let gate = Gate::start().await;
    for bytes in ["GET / HTTP/1.1\r\nHost gate\r\n\r\n", "G\x00T / HTTP/1.1\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n"] {
        let replies = gate.raw(bytes).await;
        replies[0].is(400, "malformed");
        assert!(replies[0].closed && replies.len() == 1);
    }
    gate.stop().await;
}

#[tokio::test]
async fn another_protocol_is_not_asked_for_and_what_follows_is_its_own_request() {
    let gate = Gate::start().await;
    let asking = "GET /api/v1/echo HTTP/1.1\r\nHost: gate\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n";
    let (statuses, _, seen) = sent(&gate, format!("{asking}{NEXT}")).await;
    assert_eq!(statuses, [200, 200]);
    assert_eq!(seen, ["GET /api/v1/echo \"\"", "GET /api/v1/echo?smuggled \"\""]);
    let first = &gate.upstream.seen()[0];
    assert_eq!((first.header("upgrade"), first.header("connection")), (None, None));
    gate.stop().await;
}

#[tokio::test]
async fn expecting_to_go_on_leads_to_no_other_boundary_over_a_hundred_rounds() {
    let gate = Gate::start().await;
    let rounds = (0..100).map(|round| format!("round {round:02}"));
    let bytes: String = rounds
        .clone()
        .map(|body| format!("{HEAD}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n{body}{NEXT}", body.len()))
        .collect();
    let (statuses, _, seen) = sent(&gate, bytes).await;
    assert_eq!(statuses, [200; 200]);
    let expected =
        rounds.flat_map(|body| [format!("POST /api/v1/echo {body:?}"), "GET /api/v1/echo?smuggled \"\"".to_owned()]);
    assert!(seen.into_iter().eq(expected));
    for odd in ["100-continue, x", "y 100-continue", "100-continue x"] {
        let (statuses, _, seen) = sent(&gate, format!("{HEAD}Expect: {odd}\r\nContent-Length: 2\r\n\r\nhi")).await;
        assert_eq!((statuses, seen.len()), (vec![417], 0), "{odd}");
    }
    gate.stop().await;
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_whether_it_says_its_length_or_not() {
    let gate = Gate::start().await;
    let cap = 64 * 1024;
    let whole = gate.send("POST", "/api/v1/echo", &[], &"a".repeat(cap)).await;
    assert_eq!(whole.status, 200);
    gate.send("POST", "/api/v1/echo", &[], &"a".repeat(cap + 1)).await.is(413, "too_large");
    let mut chunks = "400\r\n".to_owned() + &"a".repeat(1_024) + "\r\n";
    chunks = chunks.repeat(65) + "0\r\n\r\n";
    let replies = gate.raw(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}")).await;
    replies[0].is(413, "too_large");
    let larger = gate.send("POST", "/api/v1/upload", &[], &"a".repeat(cap * 4)).await;
    assert_eq!(larger.status, 200, "where the table says so");
    gate.stop().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_reaches_no_service_as_whole() {
    let gate = Gate::start().await;
    let before = gate.upstream.seen().len();
    let mut stream = tokio::net::TcpStream::connect(gate.running.address()).await.unwrap();
    let bytes = format!("{HEAD}Content-Length: 10\r\n\r\nhalf");
    tokio::io::AsyncWriteExt::write_all(&mut stream, bytes.as_bytes()).await.unwrap();
    drop(stream);
    assert_eq!(gate.get("/api/v1/echo", &[]).await.status, 200);
    let seen = gate.upstream.seen();
    assert_eq!(seen.len() - before, 1, "only the second: {seen:?}");
    gate.stop().await;
}
