//! Two administrators: what one does to accounts, and what they cannot do to each other.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;

use crate::fleet::{self, Fleet};
use crate::mail;
use crate::person::{PASSWORD, Person, fresh, send};
use crate::revocation::refused_everywhere;
use crate::second_factor::turns_on;

/// Somebody who was appointed, and signed in with a second factor.
async fn administrator(fleet: &Fleet) -> Person<'_> {
    let mut person = Person::new(fleet).await;
    let appointed = fleet::command(&["admin", &person.email]).output().unwrap();
    assert!(appointed.status.success(), "{}", String::from_utf8_lossy(&appointed.stderr));
    person.sign_in().await;
    let alone = person.get("/auth/users").await.refuses(401, "step_up_required");
    assert!(alone.header("www-authenticate").contains("insufficient_user_authentication"), "{:?}", alone.headers);
    turns_on(&mut person).await;
    person
}

/// Somebody whom `root` invited, and who came.
async fn invited<'f>(fleet: &'f Fleet, root: &Person<'_>) -> Person<'f> {
    let email = format!("{}@example.org", fresh("grace"));
    let invitation = json!({ "email": email, "roles": ["coach"], "locale": "fr" });
    let made = root.post("/auth/users", invitation.clone()).await.is(201);
    root.post("/auth/users", invitation).await.refuses(409, "email_taken");
    let mut grace = Person::without_account(fleet, email);
    grace.id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/api/v1/auth/users/{}", grace.id));
    let letter = mail::wait_for(fleet, &grace.email, 1).await;
    let page = send(fleet.http.get(letter.link())).await.is(200);
    assert!(page.text.contains("<form") && page.header("cache-control") == "no-store", "{}", page.text);
    let accept = json!({ "token": letter.token(), "password": PASSWORD });
    grace.post("/auth/accept-invitation", accept.clone()).await.is(204);
    grace.post("/auth/accept-invitation", accept).await.refuses(400, "token_invalid");
    assert_eq!(grace.sign_in().await["user"]["roles"], json!(["user", "coach"]));
    grace
}

async fn demotes(by: &Person<'_>, of: &Person<'_>) -> u16 {
    by.put(&format!("/auth/users/{}", of.id), json!({ "roles": ["user"] })).await.status
}

pub async fn two_administrators_manage_accounts_and_one_is_left(fleet: Arc<Fleet>) {
    let (root, other) = (administrator(&fleet).await, administrator(&fleet).await);
    let mut grace = invited(&fleet, &root).await;
    grace.get("/auth/users").await.refuses(403, "forbidden");
    let (account, query) = (format!("/auth/users/{}", grace.id), format!("/auth/users?q={}", grace.email));
    assert_eq!(other.get(&query).await.is(200).json()["items"][0]["id"], grace.id.as_str());
    root.put(&account, json!({ "roles": ["user"] })).await.is(200);
    refused_everywhere(&grace).await;
    assert_eq!(grace.sign_in().await["user"]["roles"], json!(["user"]));
    let because = json!({ "reason": "Trois signalements.", "reason_code": "abuse" });
    other.patch(&format!("{account}/deactivate"), because.clone()).await.is(200);
    refused_everywhere(&grace).await;
    let login = json!({ "email": grace.email, "password": PASSWORD });
    Person::without_account(&fleet, "").post("/auth/login", login).await.refuses(403, "account_disabled");
    // The link, the welcome, the roles, the end.
    mail::wait_for(&fleet, &grace.email, 4).await;
    let told: Vec<_> = mail::to(&fleet, &grace.email).into_iter().map(|mail| mail.subject).collect();
    for subject in ["Les droits de votre compte ont changé", "Votre compte Jolmood est désactivé"] {
        assert!(told.iter().any(|told| told == subject), "{told:?}");
    }
    root.patch(&format!("{account}/activate"), because).await.is(200);
    grace.sign_in().await;
    let events = grace.get("/auth/security-events?limit=100").await.is(200).text;
    for word in ["admin_invited", "admin_roles_changed", "admin_deactivated", "admin_activated", "Trois signalements."]
    {
        assert!(events.contains(word), "{word}: {events}");
    }
    let raced = (0..10).map(|nth| if nth % 2 == 0 { demotes(&root, &other) } else { demotes(&other, &root) });
    let statuses = join_all(raced).await;
    assert!(statuses.iter().all(|status| [200, 401, 403].contains(status)), "{statuses:?}");
    let left =
        format!("SELECT count(*) FROM users WHERE 'admin' = ANY(roles) AND id IN ('{}', '{}')", root.id, other.id);
    assert_eq!(fleet.sql("auth_db", &left).await, [1], "{statuses:?}");
}
