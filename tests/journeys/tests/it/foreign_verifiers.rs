//! Libraries of other makes verify our tokens by the published keys, and refuse whatever was made of them.
//!
//! `deploy/install foreign` installs them; what they are asked is in `foreign/` beside these tests.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock_travel::travel;
use crate::fleet::Fleet;
use crate::person::{Person, send};
use crate::service_tokens::token;

fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/foreign");
    folder.canonicalize().unwrap_or_else(|e| panic!("{e}: `deploy/install foreign` installs verifiers of other makes"))
}

/// What a program of theirs, asked by a script of ours, answers to `asked`.
fn answer(program: &str, script: &str, asked: &Value) -> Value {
    let (installed, scripts) = (installed(), Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign"));
    let mut command = Command::new(installed.join("bin").join(program));
    command.arg(scripts.join(script)).arg(&installed);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{program}: {e}"));
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

pub async fn other_makes_accept_our_tokens_and_nothing_made_of_them(fleet: Arc<Fleet>) {
    travel("-2h");
    let long_ago = Person::new(&fleet).await;
    travel("now");
    let ada = Person::new(&fleet).await;
    let jwks = fleet.url("/.well-known/jwks.json");
    let keys = send(fleet.http.get(&jwks)).await.is(200).json();
    let about = send(fleet.http.get(fleet.url("/.well-known/oauth-authorization-server"))).await.is(200).json();
    let tokens = json!({
        "keys": keys["keys"],
        "access": ada.access,
        "expired": long_ago.access,
        "service": token(&fleet, "posts", "users").await,
    });
    let cases = answer("python", "forge.py", &tokens);
    let asked = json!({ "jwks": jwks, "issuer": about["issuer"], "cases": cases });
    let (python, node) = (answer("python", "verify.py", &asked), answer("node", "verify.mjs", &asked));
    let verdicts = [("PyJWT", &python["PyJWT"]), ("python-jose", &python["python-jose"]), ("jose", &node["jose"])];
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 25, "{} cases", cases.len());
    for (library, verdicts) in verdicts {
        for case in cases {
            let (name, good) = (case["name"].as_str().unwrap(), case["good"].as_bool().unwrap());
            let verdict = verdicts[name].as_str().unwrap_or_else(|| panic!("{library} says nothing of {name}"));
            assert_eq!(verdict == "accepted", good, "{library}, {name}: {verdict}");
        }
    }
}
