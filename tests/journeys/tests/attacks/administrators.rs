//! A16: what administrators do, asked for by others; and the last of them.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::cast::{self, Session, Trip};
use crate::fleet::Fleet;
use crate::person::{Person, fresh, registration, send};
use crate::report::{Row, row};

/// Every way into the fleet: the ways of administrators are all that say so.
const ROUTES: &str = include_str!("../../../../gateway/routes.toml");

/// A way of administrators.
#[derive(Clone, Copy)]
struct Route {
    on: &'static str,
    service: &'static str,
}

/// A16.
pub fn a16() -> Row {
    let row = routes().into_iter().fold(Row::new("A16"), |row, route| {
        row.check(&format!("{} is nobody's but an administrator's", route.on), move |fleet| is_closed(fleet, route))
    });
    let row = row
        .check("an administrator without a second factor sees nothing", without_a_second_factor_nothing_is_seen)
        .check("nobody makes himself an administrator", nobody_makes_himself_an_administrator)
        .check("an administrator does not close his own account", an_administrator_does_not_close_his_own_account);
    let last = row!(
        "A16";
        alone,
        after_ten_minutes_a_second_factor_is_asked_for_again,
        the_last_administrator_stays_one,
        of_two_administrators_who_demote_each_other_one_is_left,
        of_two_administrators_who_step_down_at_once_one_is_left
    );
    row.and(last)
}

/// The text of this member in a line of the table.
fn member(line: &'static str, name: &str) -> Option<&'static str> {
    let (_, after) = line.split_once(&format!("{name} = \""))?;
    after.split('"').next()
}

fn routes() -> Vec<Route> {
    let lines = ROUTES.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let ways = lines.filter(|line| member(line, "who") == Some("admin"));
    let routes: Vec<Route> =
        ways.map(|line| Route { on: member(line, "on").unwrap(), service: member(line, "to").unwrap() }).collect();
    assert!(routes.len() > 10, "the table of routes is read wrongly");
    routes
}

/// Somebody who may do less: a user, and a coach.
async fn others(fleet: &Fleet) -> &'static [Session; 2] {
    static OTHERS: OnceCell<[Session; 2]> = OnceCell::const_new();
    let made = || async {
        let (root, mut coach) = (cast::administrator(fleet).await, cast::member(fleet).await);
        let path = format!("/auth/users/{}", coach.id);
        root.put(&path, json!({ "roles": ["user", "coach"] })).await.is(200);
        let session = coach.sign_in().await;
        assert_eq!(session["user"]["roles"], json!(["user", "coach"]));
        cast::remember(&coach);
        let coach = Session { user: coach.id, access: coach.access, refresh: coach.refresh };
        [cast::bystander(fleet).await.clone(), coach]
    };
    OTHERS.get_or_init(made).await
}

/// At the gateway and past it: 401 for nobody, 403 for whoever is no administrator.
async fn is_closed(fleet: Arc<Fleet>, route: Route) {
    let [user, coach] = others(&fleet).await;
    let (method, path) = route.on.split_once(' ').unwrap();
    let path = path.replace("{sid}", &user.user).replace("{id}", &user.user);
    for part in ["gateway", route.service] {
        let url = format!("{}{path}", fleet.part(part).url);
        let ask = || {
            let request = fleet.http.request(method.parse().unwrap(), &url);
            if method == "GET" { request } else { request.json(&json!({ "reason": "Pour voir." })) }
        };
        send(ask()).await.refuses(401, "unauthenticated");
        for session in [user, coach] {
            send(ask().bearer_auth(&session.access)).await.refuses(403, "forbidden");
        }
    }
}

async fn without_a_second_factor_nothing_is_seen(fleet: Arc<Fleet>) {
    let mut root = cast::member(&fleet).await;
    cast::appoint(&root.email);
    root.sign_in().await;
    cast::remember(&root);
    let refused = root.get("/auth/users").await.refuses(401, "step_up_required");
    assert!(refused.header("www-authenticate").contains("insufficient_user_authentication"), "{refused:?}");
    let path = format!("/auth/users/{}", root.id);
    root.put(&path, json!({ "roles": ["user"] })).await.refuses(401, "step_up_required");
}

async fn nobody_makes_himself_an_administrator(fleet: Arc<Fleet>) {
    let name = fresh("eve");
    let mut wish = registration(&name);
    for (member, value) in [("roles", json!(["admin"])), ("role", json!("admin")), ("is_admin", json!(true))] {
        wish[member] = value;
        cast::stranger(&fleet).post("/auth/register", wish.clone()).await.refuses(422, "invalid");
        wish.as_object_mut().unwrap().remove(member);
    }
    let eve = cast::member(&fleet).await;
    for member in ["roles", "is_admin", "is_superuser", "tier", "is_verified"] {
        let mut profile = json!({ "full_name": "Eve" });
        profile[member] = json!("admin");
        let refused = eve.patch("/users/me", profile).await;
        assert_eq!(refused.status, 422, "{member}: {}", refused.text);
    }
    let path = format!("/auth/users/{}", eve.id);
    eve.put(&path, json!({ "roles": ["admin"] })).await.refuses(403, "forbidden");
    assert_eq!(eve.get("/auth/me").await.is(200).json()["roles"], json!(["user"]));
}

async fn an_administrator_does_not_close_his_own_account(fleet: Arc<Fleet>) {
    let root = cast::administrator(&fleet).await;
    let path = format!("/auth/users/{}", root.id);
    let why = json!({ "reason": "Je m'en vais." });
    root.patch(&format!("{path}/deactivate"), why.clone()).await.refuses(409, "own_account");
    send(root.request(Method::DELETE, &path).json(&why)).await.refuses(409, "own_account");
    root.get("/auth/users").await.is(200);
}

async fn after_ten_minutes_a_second_factor_is_asked_for_again(fleet: Arc<Fleet>) {
    let root = cast::administrator(&fleet).await;
    let path = format!("/auth/users/{}", root.id);
    let _later = Trip::to("+11m");
    root.get(&path).await.is(200);
    root.put(&path, json!({ "roles": ["user", "admin"] })).await.refuses(401, "step_up_required");
}

async fn is_to_be(by: &Person<'_>, who: &str, roles: Value) -> u16 {
    by.put(&format!("/auth/users/{who}"), json!({ "roles": roles })).await.status
}

/// Takes the rights of all administrators but these.
async fn are_the_only_ones(root: &Person<'_>, others: &[&Person<'_>]) {
    let list = root.get("/auth/users?role=admin&limit=100").await.is(200).json();
    for item in list["items"].as_array().unwrap() {
        let id = item["id"].as_str().unwrap();
        if id != root.id && others.iter().all(|other| id != other.id) {
            assert_eq!(is_to_be(root, id, json!(["user"])).await, 200);
        }
    }
    let kept = i64::try_from(1 + others.len()).unwrap();
    assert_eq!(administrators(root.fleet).await, kept);
}

async fn administrators(fleet: &Fleet) -> i64 {
    fleet.sql("auth_db", "SELECT count(*) FROM users WHERE 'admin' = ANY(roles) AND is_active").await[0]
}

async fn the_last_administrator_stays_one(fleet: Arc<Fleet>) {
    let root = cast::administrator(&fleet).await;
    are_the_only_ones(&root, &[]).await;
    let path = format!("/auth/users/{}", root.id);
    root.put(&path, json!({ "roles": ["user"] })).await.refuses(409, "last_admin");
    root.put(&path, json!({ "roles": ["user", "coach"] })).await.refuses(409, "last_admin");
    let why = json!({ "reason": "Je m'en vais." });
    root.patch(&format!("{path}/deactivate"), why.clone()).await.refuses(409, "own_account");
    send(root.request(Method::DELETE, &path).json(&why)).await.refuses(409, "own_account");
    assert_eq!(administrators(&fleet).await, 1);
}

/// Ten at once, half of them one's and half the other's; what counts is who is left.
async fn race(pair: [&Person<'_>; 2], targets: [&str; 2]) {
    let raced = (0..10).map(|n| is_to_be(pair[n % 2], targets[n % 2], json!(["user"])));
    let statuses = join_all(raced).await;
    assert!(statuses.iter().all(|status| [200, 401, 403, 409, 503].contains(status)), "{statuses:?}");
    assert_eq!(administrators(pair[0].fleet).await, 1, "{statuses:?}");
}

async fn of_two_administrators_who_demote_each_other_one_is_left(fleet: Arc<Fleet>) {
    let (root, other) = (cast::administrator(&fleet).await, cast::administrator(&fleet).await);
    are_the_only_ones(&root, &[&other]).await;
    race([&root, &other], [&other.id, &root.id]).await;
}

async fn of_two_administrators_who_step_down_at_once_one_is_left(fleet: Arc<Fleet>) {
    let (root, other) = (cast::administrator(&fleet).await, cast::administrator(&fleet).await);
    are_the_only_ones(&root, &[&other]).await;
    race([&root, &other], [&root.id, &other.id]).await;
}
