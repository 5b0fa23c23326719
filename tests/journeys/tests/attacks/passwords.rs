//! A11 and A12: which passwords are taken, that all of them counts, and that none of them costs too much.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::canaries;
use crate::cast;
use crate::fleet::Fleet;
use crate::mail;
use crate::person::{Answer, PASSWORD, fresh};
use crate::raw;
use crate::report::{Row, row};

/// Passwords that are refused, and by which word.
const REFUSED: [(&str, &str, &str); 13] = [
    ("seven characters are too few", "k7-zq4w", "too_short"),
    ("seven characters of many bytes are too few", "héééééé", "too_short"),
    ("one of those that everybody tries is refused", "motdepasse", "too_common"),
    ("one of those that everybody tries is refused in capitals", "MOTDEPASSE", "too_common"),
    ("one of those that everybody tries is refused with spaces around it", "  motdepasse ", "too_common"),
    ("a row of the keyboard is refused", "azertyuiop", "too_common"),
    ("a row of digits is refused", "1234567890", "too_common"),
    ("a word with a digit is refused", "password1", "too_common"),
    ("another word with digits is refused", "soleil123", "too_common"),
    ("ones own name with little more is refused", "lovelace-12", "obvious"),
    ("our name with little more is refused", "jolmood2026", "obvious"),
    ("the name of a product of ours with little more is refused", "Phoenix!99", "obvious"),
    ("a null character is refused", "tulipe\0marée-47", "unprintable"),
];

/// Passwords that are taken: whole, and as they are.
const TAKEN: [(&str, &str); 7] = [
    ("eight characters are enough", "k7-zq4wv"),
    ("eight letters of one kind are enough", "mqzvktwj"),
    ("spaces are kept", "  renard dans la neige "),
    ("signs of any script are kept", "лиса-狐-الثعلب-🦊"),
    ("eight characters of many bytes are enough", "🦊🦊🦊🦊🦊🦊🦊🦊"),
    ("quotes and what means something elsewhere are kept", "' OR 1=1; -- <b>%00${7*7}"),
    ("a sentence is taken", "le renard brun saute par-dessus le chien paresseux, puis il dort"),
];

/// Hashes that would cost too much to look at.
const BOMBS: [(&str, &str); 4] = [
    (
        "a stored hash of eight gigabytes is never computed",
        "$argon2id$v=19$m=8388608,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ),
    (
        "a stored hash of a thousand passes is never computed",
        "$argon2id$v=19$m=19456,t=1000,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ),
    (
        "a stored hash of bcrypt cost twenty is never computed",
        "$2b$20$abcdefghijklmnopqrstuu2tSmEObfNEXdxiyqmhe8GNPgR//hkNC",
    ),
    ("a stored text that is no hash lets nobody in", "plain text"),
];

/// A11.
pub fn a11() -> Row {
    let row = REFUSED.into_iter().fold(Row::new("A11"), |row, (says, password, why)| {
        row.check(says, move |fleet| refused(fleet, password, why))
    });
    let row = TAKEN
        .into_iter()
        .fold(row, |row, (says, password)| row.check(says, move |fleet| taken(fleet, password.to_owned())));
    row.check("a hundred and twenty eight characters are taken", |fleet| taken(fleet, "né".repeat(64)))
        .check("what comes after 72 bytes counts", what_comes_after_72_bytes_counts)
        .check("capitals and spaces count", capitals_and_spaces_count)
        .check("two spellings of one character are one", two_spellings_of_one_character_are_one)
        .check("a changed password is judged by the same rules", a_changed_password_is_judged)
        .check("ones own address is refused", ones_own_address_is_refused)
}

/// A12.
pub fn a12() -> Row {
    let row = row!(
        "A12",
        a_hundred_and_twenty_nine_characters_are_refused_everywhere,
        a_password_of_a_megabyte_is_refused_unread,
        a_body_of_a_megabyte_without_its_length_is_cut_off
    );
    BOMBS.into_iter().fold(row, |row, (says, hash)| row.check(says, move |fleet| is_never_computed(fleet, hash)))
}

/// Somebody registers with this password; with his address.
async fn registers(fleet: &Fleet, password: &str) -> (String, Answer) {
    let name = fresh("pia");
    let email = format!("{name}@example.org");
    let body = json!({ "email": email, "password": password, "username": name, "full_name": "Ada Lovelace" });
    (email, cast::stranger(fleet).post("/auth/register", body).await)
}

/// Somebody registers with this password, and proves his address; answers it.
async fn member_with(fleet: &Fleet, password: &str) -> String {
    canaries::keep("a password", password);
    let (email, answer) = registers(fleet, password).await;
    answer.is(201);
    let token = mail::wait_for(fleet, &email, 1).await.token();
    cast::stranger(fleet).post("/auth/verify-email", json!({ "token": token })).await.is(200);
    email
}

async fn refused(fleet: Arc<Fleet>, password: &'static str, why: &'static str) {
    let (_, answer) = registers(&fleet, password).await;
    let refused = answer.refuses(422, "weak_password").json();
    assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/password"), &json!(why)));
}

/// It opens the account, and nothing less of it does.
async fn taken(fleet: Arc<Fleet>, password: String) {
    let email = member_with(&fleet, &password).await;
    cast::logs_in(&fleet, &email, &password).await.is(200);
    let characters: Vec<char> = password.chars().collect();
    let (all_but_first, all_but_last) = (&characters[1..], &characters[..characters.len() - 1]);
    for part in [all_but_first, all_but_last] {
        let part: String = part.iter().collect();
        cast::logs_in(&fleet, &email, &part).await.refuses(401, "invalid_credentials");
    }
}

async fn what_comes_after_72_bytes_counts(fleet: Arc<Fleet>) {
    let beginning = "granit".repeat(12);
    assert_eq!(beginning.len(), 72);
    let email = member_with(&fleet, &format!("{beginning}-safran-un")).await;
    for other in [beginning.clone(), format!("{beginning}-safran-deux"), format!("{beginning}-safran-u")] {
        cast::logs_in(&fleet, &email, &other).await.refuses(401, "invalid_credentials");
    }
    cast::logs_in(&fleet, &email, &format!("{beginning}-safran-un")).await.is(200);
}

async fn capitals_and_spaces_count(fleet: Arc<Fleet>) {
    let email = member_with(&fleet, " Renard dans la neige ").await;
    for other in ["Renard dans la neige", " renard dans la neige ", " Renard  dans la neige ", "Renarddanslaneige"] {
        cast::logs_in(&fleet, &email, other).await.refuses(401, "invalid_credentials");
    }
    cast::logs_in(&fleet, &email, " Renard dans la neige ").await.is(200);
}

/// Of two keyboards one may send an accent as a character of its own.
async fn two_spellings_of_one_character_are_one(fleet: Arc<Fleet>) {
    let email = member_with(&fleet, "fl\u{e9}chette-4-cr\u{ea}pe").await;
    cast::logs_in(&fleet, &email, "fle\u{301}chette-4-cre\u{302}pe").await.is(200);
    cast::logs_in(&fleet, &email, "flechette-4-crepe").await.refuses(401, "invalid_credentials");
}

async fn a_changed_password_is_judged(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    for (new, why) in [("k7-zq4w", "too_short"), ("azertyuiop", "too_common"), (PASSWORD, "unchanged")] {
        let change = json!({ "current_password": PASSWORD, "new_password": new });
        let refused = ada.post("/auth/change-password", change).await.refuses(422, "weak_password").json();
        let error = &refused["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/new_password"), &json!(why)), "{refused}");
    }
}

async fn ones_own_address_is_refused(fleet: Arc<Fleet>) {
    let name = fresh("pia");
    let email = format!("{name}@example.org");
    for password in [email.clone(), email.to_uppercase(), format!("{name}-1")] {
        let body = json!({ "email": email, "password": password });
        let refused = cast::stranger(&fleet).post("/auth/register", body).await.refuses(422, "weak_password").json();
        assert_eq!(refused["errors"][0]["code"], "obvious", "{password}");
    }
}

async fn a_hundred_and_twenty_nine_characters_are_refused_everywhere(fleet: Arc<Fleet>) {
    let long = "k7-".repeat(43);
    assert_eq!(long.len(), 129);
    let ada = cast::member(&fleet).await;
    let (_, answer) = registers(&fleet, &long).await;
    let refused = answer.refuses(422, "weak_password").json();
    assert_eq!(refused["errors"][0]["code"], "too_long", "{refused}");
    cast::logs_in(&fleet, &ada.email, &long).await.refuses(422, "invalid");
    let change = json!({ "current_password": PASSWORD, "new_password": long });
    ada.post("/auth/change-password", change).await.refuses(422, "weak_password");
    let change = json!({ "current_password": long, "new_password": "granite-vélo-82-safran" });
    ada.post("/auth/change-password", change).await.refuses(422, "invalid");
    ada.post("/auth/step-up", json!({ "password": long })).await.refuses(422, "invalid");
    let token = cast::asks_for_reset(&fleet, &ada, 1).await.token();
    let reset = json!({ "token": token, "new_password": long });
    cast::stranger(&fleet).post("/auth/reset-password", reset).await.refuses(422, "weak_password");
}

async fn a_password_of_a_megabyte_is_refused_unread(fleet: Arc<Fleet>) {
    // The head alone: whoever reads no body needs none to say no.
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 1048576\r\n\r\n";
    assert_eq!(raw::status_of(&fleet, head.as_bytes()).await, Some(413));
}

async fn a_body_of_a_megabyte_without_its_length_is_cut_off(fleet: Arc<Fleet>) {
    let mut request = b"POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                        transfer-encoding: chunked\r\n\r\n"
        .to_vec();
    for _ in 0..64 {
        request.extend_from_slice(format!("4000\r\n{}\r\n", "x".repeat(0x4000)).as_bytes());
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let status = raw::status_of(&fleet, &request).await;
    assert!(status.is_none_or(|status| status == 413), "{status:?}");
}

async fn is_never_computed(fleet: Arc<Fleet>, hash: &'static str) {
    let ada = cast::member(&fleet).await;
    let write = format!("UPDATE users SET password_hash = '{hash}' WHERE id = '{}' RETURNING 1::bigint", ada.id);
    assert_eq!(fleet.sql("auth_db", &write).await, [1]);
    let begun = Instant::now();
    cast::logs_in(&fleet, &ada.email, PASSWORD).await.refuses(401, "invalid_credentials");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
