use crate::scrub::{is_secret, scrubbed};
use crate::{Context, TraceContext, ip_hmac};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_traceparent_is_read_and_written_alike() {
    for text in [TRACE, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"] {
        assert_eq!(TraceContext::parse(text).unwrap().traceparent(), text);
    }
    let later = format!("cc{}-more", &TRACE[2..]);
    assert_eq!(TraceContext::parse(&later).unwrap().traceparent(), TRACE, "a later version may say more");
}

#[test]
fn a_strange_traceparent_is_none() {
    let cases = [
        "",
        "00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b71692033311-01",
        "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    ];
    for text in cases {
        assert_eq!(TraceContext::parse(text), None, "{text}");
    }
}

#[test]
fn a_child_is_in_the_same_trace_and_below() {
    let parent = TraceContext::parse(TRACE).unwrap();
    let child = parent.child();
    assert_eq!((child.trace_id(), child.sampled()), (parent.trace_id(), true));
    assert_ne!(child.ids().1, parent.ids().1);
    assert_eq!(child.ids().2, parent.ids().1);
}

#[test]
fn headers_that_make_sense_are_kept() {
    let context = Context::of_headers(Some("abc-1.2_X"), Some(TRACE));
    assert_eq!(&*context.request_id, "abc-1.2_X");
    assert_eq!(context.trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
    let long = "a".repeat(129);
    for strange in [None, Some(""), Some("a b"), Some("a\nb"), Some("é"), Some(long.as_str())] {
        let context = Context::of_headers(strange, Some("strange"));
        assert!(context.request_id.len() == 32 && context.request_id.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(!context.trace.sampled(), "nothing is exported unless it was configured");
    }
    assert_ne!(Context::begin().request_id, Context::begin().request_id);
}

#[tokio::test]
async fn a_context_is_there_while_its_work_is_done() {
    assert!(Context::current().is_none());
    Context::set_actor("nobody hears this");
    let entered = Context::of_headers(Some("r-1"), None).enter();
    let seen = entered.scope(async {
        tokio::task::yield_now().await;
        Context::set_actor(7);
        Context::current().unwrap()
    });
    let seen = seen.await;
    assert_eq!((&*seen.request_id, seen.actor.as_deref()), ("r-1", Some("7")));
    assert_eq!(entered.actor(), Some("7"));
    assert!(Context::current().is_none());
    let inner = seen.scope(async { Context::current().unwrap().actor }).await;
    assert_eq!(inner.as_deref(), Some("7"));
}

#[test]
fn what_looks_like_a_secret_is_hidden_and_nothing_else() {
    let cases = [
        ("plain words", "plain words"),
        ("mail to ada@example.org, please", "mail to [hidden], please"),
        ("<ada@example.org>", "<[hidden]>"),
        ("Authorization: Bearer abc def", "Authorization: Bearer [hidden] def"),
        ("bearer  abc", "bearer  [hidden]"),
        ("token=eyJhbGciOi.x.y&a=1", "token=[hidden]&a=1"),
        ("{\"email\":\"ada@example.org\"}", "{\"email\":\"[hidden]\"}"),
        ("at 5 @ 6", "at 5 @ 6"),
    ];
    for (text, clean) in cases {
        assert_eq!(scrubbed(text), clean);
    }
}

#[test]
fn fields_are_secret_by_the_last_word_of_their_name() {
    for name in
        ["password", "refresh_token", "user.email", "body", "secret", "api_key", "Cookie".to_lowercase().as_str()]
    {
        assert!(is_secret(name), "{name}");
    }
    for name in ["code", "post.id", "request_id", "tokens", "bodyguard", "keys_age"] {
        assert!(!is_secret(name), "{name}");
    }
}

#[test]
fn an_address_has_one_mark_a_day_that_says_nothing_of_it() {
    let (one, two) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
    assert_eq!(ip_hmac(one), ip_hmac(one));
    assert_ne!(ip_hmac(one), ip_hmac(two));
    assert!(!ip_hmac(one).contains("192"));
}
