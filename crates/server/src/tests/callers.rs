use contracts::{Role, UserId};

use super::notes::Notes;
use super::tokens::Signer;

const BODY: &str = r#"{"text": "a"}"#;
const JSON: &str = "content-type: application/json";

#[tokio::test]
async fn nobody_is_asked_to_sign_in() {
    let notes = Notes::start().await;
    let reply = notes.ask("POST /api/v1/notes", &[JSON], BODY).await;
    reply.is(401, "unauthenticated");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    assert_eq!(reply.json()["login_url"], authn::LOGIN_URL);
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_none_is_needed() {
    let notes = Notes::start().await;
    let path = "GET /api/v1/notes/01900000-0000-7000-8000-000000000000";
    assert_eq!(notes.ask(path, &[], "").await.status, 200);
    let now = notes.levers.clock.now();
    let foreign = format!("authorization: Bearer {}", Signer::new().token(UserId::at(now), &[], now));
    for bad in ["authorization: Bearer abc", "authorization: Basic YTpi", "authorization: x", &foreign] {
        let reply = notes.ask(path, &[bad], "").await;
        reply.is(401, "unauthenticated");
        assert!(reply.header("www-authenticate").is_some(), "{bad}");
    }
}

#[tokio::test]
async fn an_expired_token_is_told_so() {
    let notes = Notes::start().await;
    let bearer = format!("authorization: Bearer {}", notes.token(&[Role::User]));
    notes.levers.clock.advance(jiff::SignedDuration::from_hours(1));
    notes.ask("POST /api/v1/notes", &[JSON, &bearer], BODY).await.is(401, "token_expired");
}

#[tokio::test]
async fn a_role_opens_what_is_for_it() {
    let notes = Notes::start().await;
    let cases: [(&str, &[Role], u16); 7] = [
        ("DELETE /api/v1/notes", &[], 403),
        ("DELETE /api/v1/notes", &[Role::User, Role::Coach], 403),
        ("DELETE /api/v1/notes", &[Role::Admin], 204),
        ("GET /api/v1/board", &[], 403),
        ("GET /api/v1/board", &[Role::User], 403),
        ("GET /api/v1/board", &[Role::Coach], 200),
        ("GET /api/v1/board", &[Role::Admin], 200),
    ];
    for (line, roles, status) in cases {
        let bearer = format!("authorization: bearer {}", notes.token(roles));
        assert_eq!(notes.ask(line, &[&bearer], "").await.status, status, "{line} {roles:?}");
    }
    notes.ask("DELETE /api/v1/notes", &[], "").await.is(401, "unauthenticated");
}

#[tokio::test]
async fn a_service_is_known_by_a_token_that_is_for_this_one() {
    let notes = Notes::start().await;
    let now = notes.levers.clock.now();
    let token = |audience: &str| notes.signer.service_token("posts", audience, now);
    let ask = async |bearer: String| notes.ask("GET /api/v1/ledger", &[&bearer], "").await;
    let reply = ask(format!("authorization: Bearer {}", token("notes"))).await;
    assert_eq!((reply.status, reply.json().as_str()), (200, Some("posts api")));
    ask(format!("authorization: Bearer {}", token("users"))).await.is(401, "unauthenticated");
    let stranger = Signer::new().service_token("posts", "notes", now);
    ask(format!("authorization: Bearer {stranger}")).await.is(401, "unauthenticated");
    ask("x-nothing: here".to_owned()).await.is(401, "unauthenticated");
    let reply = ask(format!("authorization: Bearer {}", notes.token(&[Role::User, Role::Admin]))).await;
    reply.is(403, "forbidden");
}

#[tokio::test]
async fn a_service_token_signs_nobody_in() {
    let notes = Notes::start().await;
    let token = notes.signer.service_token("posts", "notes", notes.levers.clock.now());
    let bearer = format!("authorization: Bearer {token}");
    for line in ["POST /api/v1/notes", "GET /api/v1/board", "DELETE /api/v1/notes"] {
        notes.ask(line, &[JSON, &bearer], BODY).await.is(401, "unauthenticated");
    }
}

/// What a fresh proof by the same factor would not answer.
const LACKS_SECOND_FACTOR: &str = "error_description=\"a second factor has to be shown\", acr_values=\"mfa\"";

/// A request, roles, what was shown at login, how many seconds ago, and the status.
type Proof<'a> = (&'a str, &'a [Role], &'a [&'a str], i64, u16);

#[tokio::test]
async fn an_administrator_is_asked_for_the_second_factor_and_for_a_fresh_proof() {
    let notes = Notes::start().await;
    let now = notes.levers.clock.now();
    let (read, empty) = ("GET /api/v1/vault", "DELETE /api/v1/vault");
    let (one, two): (&[&str], &[&str]) = (&["pwd"], &["pwd", "otp", "mfa"]);
    let cases: [Proof<'_>; 10] = [
        (read, &[Role::User, Role::Coach], two, 0, 403),
        (empty, &[Role::User], one, 0, 403),
        (read, &[Role::Admin], one, 0, 401),
        (read, &[Role::Admin], two, 86_400, 200),
        (empty, &[Role::Admin], one, 0, 401),
        (empty, &[Role::Admin], two, 600, 401),
        (empty, &[Role::Admin], two, 599, 204),
        (empty, &[Role::Admin], two, 0, 204),
        (empty, &[Role::Admin], two, -29, 204),
        (empty, &[Role::Admin], two, -3_600, 401),
    ];
    for (line, roles, amr, ago, status) in cases {
        let at = now - jiff::SignedDuration::from_secs(ago);
        let token = notes.signer.proved(UserId::at(now), roles, now, (at, amr));
        let reply = notes.ask(line, &[&format!("authorization: Bearer {token}")], "").await;
        assert_eq!(reply.status, status, "{line} {roles:?} {amr:?} {ago}");
        if status == 401 {
            reply.is(401, "step_up_required");
            let needs_mfa = amr == one;
            let lacking = if needs_mfa { LACKS_SECOND_FACTOR } else { "max_age=600" };
            let challenge = format!("Bearer error=\"insufficient_user_authentication\", {lacking}");
            assert_eq!(reply.header("www-authenticate"), Some(challenge.as_str()));
            assert_eq!(reply.json()["needs"].as_str(), needs_mfa.then_some("mfa"));
        }
    }
    for line in [read, empty] {
        notes.ask(line, &[], "").await.is(401, "unauthenticated");
    }
}
