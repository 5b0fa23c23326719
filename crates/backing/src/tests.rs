use mongodb::bson::{doc, serialize_to_vec};

use crate::installed::{go_fits, numbers};
use crate::mongo::wire::{Value, code, is_ok, message};
use crate::postgres::quoted;
use crate::rabbitmq::dependencies;
use crate::{DatabaseSpec, Mongo, Plan, Ports, Postgres, RabbitMq, Redis};

#[test]
fn versions_are_read_from_what_programs_print() {
    let table: [(&str, &[u32]); 6] = [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", &[15, 18]),
        ("postgres (PostgreSQL) 18beta1", &[18]),
        ("7.0.15 sha=00000000:0", &[7, 0, 15]),
        ("3.10.8", &[3, 10, 8]),
        ("4.0.5-rc.1", &[4, 0, 5]),
        ("no number at all", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(numbers(text), expected, "{text}");
    }
}

#[test]
fn go_is_new_enough_from_1_24() {
    let table = [
        ("go version go1.24.4 linux/amd64", true),
        ("go version go1.26.8 linux/amd64", true),
        ("go version go2.0 linux/amd64", true),
        ("go version go1.19.8 linux/amd64", false),
        ("go version devel", false),
    ];
    for (text, fits) in table {
        assert_eq!(go_fits(text), fits, "{text}");
    }
}

#[test]
fn an_application_file_tells_what_it_needs() {
    let text = "{application, 'rabbit', [\n\t{description, \"applications [a]\"},\n\t{applications, [kernel,stdlib,\n\t'ra', osiris]},\n\t{env, []}]}.";
    assert_eq!(dependencies(text), ["kernel", "stdlib", "ra", "osiris"]);
    assert!(dependencies("{application, x, []}.").is_empty());
}

#[test]
fn only_plain_names_become_roles_and_databases() {
    for good in ["posts", "iris-chat", "jolmood_media", "a1"] {
        assert!(quoted(good).is_ok(), "{good}");
    }
    for bad in ["", "1a", "Posts", "a b", "a\"; DROP DATABASE b", "é", &"a".repeat(49)] {
        assert!(quoted(bad).is_err(), "{bad}");
    }
}

#[test]
fn roles_are_named_after_the_service() {
    let spec = DatabaseSpec::new("iris-chat", "iris_chat_db");
    assert_eq!((spec.role().as_str(), spec.owner().as_str()), ("iris_chat", "iris_chat_owner"));
}

#[test]
fn free_ports_are_all_different_and_below_those_of_outgoing_connections() {
    let ports = Ports::free().expect("free ports");
    let mut all = vec![ports.postgres, ports.rabbitmq, ports.redis, ports.mongodb, ports.epmd, ports.erlang];
    assert!(all.iter().all(|port| (20_000..32_768).contains(port)), "{all:?}");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 6, "{all:?}");
}

#[test]
fn starts_may_run_on_any_thread() {
    fn may_move<T: Send>(_: T) {}
    let plan = Plan::new("never-started", Ports::free().expect("free ports"));
    may_move(Postgres::start(&plan, &()));
    may_move(RabbitMq::start(&plan, &()));
    may_move(Redis::start(&plan, &()));
    may_move(Mongo::start(&plan, &()));
}

#[test]
fn a_command_is_written_as_the_driver_writes_it() {
    let command = [("createUser", Value::Text("é")), ("roles", Value::Texts(&["root", "b"])), ("n", Value::Int(-7))];
    let message = message(&command);
    let expected = serialize_to_vec(&doc! { "createUser": "é", "roles": ["root", "b"], "n": -7 }).expect("a document");
    assert_eq!(message[21..], expected);
    assert_eq!(message[..4], u32::try_from(message.len()).expect("a length").to_le_bytes());
}

#[test]
fn a_reply_says_whether_it_was_refused_and_why() {
    let table = [(doc! { "ok": 1.0 }, true, None), (doc! { "ok": 0.0, "code": 13 }, false, Some(13))];
    for (reply, fine, why) in table {
        let bytes = serialize_to_vec(&reply).expect("a document");
        assert_eq!((is_ok(&bytes), code(&bytes)), (fine, why), "{reply}");
    }
}
