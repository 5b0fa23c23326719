//! E1 and E2: mails with what somebody wrote in them, and too many of them.

use std::sync::Arc;

use mailparse::{MailAddr, MailHeaderMap, addrparse_header, parse_mail};
use reqwest::Method;
use serde_json::json;

use crate::cast;
use crate::fleet::Fleet;
use crate::mail::{self, SIGN_UP};
use crate::person::{PASSWORD, fresh, send};
use crate::raw::caller_at;
use crate::report::{Row, row};

/// E1.
pub fn e1() -> Row {
    row!(
        "E1",
        a_name_with_line_ends_is_refused,
        an_address_with_line_ends_is_refused,
        a_name_in_html_is_left_out_and_its_signs_are_escaped,
        a_name_in_the_language_of_templates_is_shown_as_it_is_written,
        a_name_that_looks_like_an_address_is_no_reader,
        a_link_leads_to_our_site_whatever_the_request_says
    )
}

/// E2.
pub fn e2() -> Row {
    row!(
        "E2",
        the_fourth_mail_in_an_hour_is_not_sent,
        an_address_without_an_account_is_limited_alike,
        many_registrations_of_one_address_mail_it_three_times,
        one_address_of_the_network_has_ten_mails_sent_an_hour,
        an_administrator_invites_twenty_a_day
    )
}

/// Somebody registers by this name; answers the mail that he gets.
async fn letter_to(fleet: &Fleet, full_name: &str) -> mail::Mail {
    let name = fresh("lea");
    let body = json!({ "email": format!("{name}@example.org"), "password": PASSWORD, "full_name": full_name });
    cast::stranger(fleet).post("/auth/register", body).await.is(201);
    mail::wait_for(fleet, &format!("{name}@example.org"), 1).await
}

async fn a_name_with_line_ends_is_refused(fleet: Arc<Fleet>) {
    let name = fresh("lea");
    for full_name in ["Ada\r\nBcc: eve@example.org", "Ada\nSubject: Gagné", "Ada\rX: y", "Ada\0", "Ada\u{202e}ecalevoL"]
    {
        let email = format!("{name}@example.org");
        let body = json!({ "email": email, "password": PASSWORD, "full_name": full_name });
        let refused = cast::stranger(&fleet).post("/auth/register", body).await.refuses(422, "invalid").json();
        assert_eq!(refused["errors"][0]["pointer"], "/full_name", "{refused}");
    }
    assert!(mail::to(&fleet, &name).is_empty());
}

async fn an_address_with_line_ends_is_refused(fleet: Arc<Fleet>) {
    let name = fresh("lea");
    let addresses = [
        format!("{name}@example.org\r\nBcc: eve@example.org"),
        format!("{name}@example.org\nBcc: eve@example.org"),
        format!("{name}@example.org, eve@example.org"),
        format!("{name}@example.org>, <eve@example.org"),
        format!("\"{name}\r\n\"@example.org"),
    ];
    for email in addresses {
        for path in ["/auth/forgot-password", "/auth/resend-verification"] {
            let asked = cast::stranger(&fleet).post(path, json!({ "email": email })).await;
            asked.refuses(422, "invalid");
        }
        let body = json!({ "email": email, "password": PASSWORD });
        cast::stranger(&fleet).post("/auth/register", body).await.refuses(422, "invalid");
    }
    assert!(mail::to(&fleet, &name).is_empty());
}

async fn a_name_in_html_is_left_out_and_its_signs_are_escaped(fleet: Arc<Fleet>) {
    let letter = letter_to(&fleet, "<img src=x onerror=alert(1)>\"'</a><b>").await;
    assert!(!letter.text.contains("onerror") && !letter.html.contains("onerror"), "{letter:?}");
    let wrote = "Léa \"Zoé\" & l'Ada";
    let letter = letter_to(&fleet, wrote).await;
    assert!(letter.text.contains(wrote), "{}", letter.text);
    assert!(!letter.html.contains(wrote) && letter.html.contains("&amp;"), "{}", letter.html);
}

async fn a_name_in_the_language_of_templates_is_shown_as_it_is_written(fleet: Arc<Fleet>) {
    let wrote = "{{ 7777 * 7777 }} {% include name %} ${7777*7777}";
    let letter = letter_to(&fleet, wrote).await;
    let product = "60481729";
    assert!(letter.text.contains(wrote) && !letter.text.contains(product), "{}", letter.text);
    assert!(letter.html.contains("{{ 7777 * 7777 }}") && !letter.html.contains(product), "{}", letter.html);
}

async fn a_name_that_looks_like_an_address_is_no_reader(fleet: Arc<Fleet>) {
    let victim = format!("{}@example.org", fresh("victim"));
    let letter = letter_to(&fleet, &format!("Ada, <{victim}>")).await;
    assert!(!letter.subject.contains(&victim), "{letter:?}");
    let folder = fleet.state().mail_dir;
    let mails = std::fs::read_dir(folder).unwrap().flatten().map(|file| std::fs::read(file.path()).unwrap_or_default());
    for bytes in mails {
        let Ok(parsed) = parse_mail(&bytes) else { continue };
        for header in ["To", "Cc", "Bcc"] {
            let Some(header) = parsed.headers.get_first_header(header) else { continue };
            let to_victim = addrparse_header(header).unwrap().iter().any(|reader| match reader {
                MailAddr::Single(one) => one.addr == victim,
                MailAddr::Group(many) => many.addrs.iter().any(|one| one.addr == victim),
            });
            assert!(!to_victim, "the name in a mail made it go to somebody else");
        }
    }
}

async fn a_link_leads_to_our_site_whatever_the_request_says(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    let asked = cast::stranger(&fleet).request(Method::POST, "/auth/forgot-password");
    let disguised = asked
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https")
        .header("forwarded", "host=evil.example")
        .header("x-original-url", "https://evil.example/")
        .header("origin", "http://localhost:3000");
    send(disguised.json(&json!({ "email": ada.email }))).await.is(202);
    let letter = mail::wait_for(&fleet, &ada.email, SIGN_UP + 1).await;
    assert!(letter.link().starts_with(&fleet.url("/api/v1/auth/reset-password?token=")), "{}", letter.link());
    assert!(!letter.html.contains("evil.example"), "{}", letter.html);
    let elsewhere =
        cast::stranger(&fleet).request(Method::POST, "/auth/forgot-password").header("host", "evil.example");
    send(elsewhere.json(&json!({ "email": ada.email }))).await.refuses(421, "misdirected");
}

async fn forgets(fleet: &Fleet, email: &str) -> u16 {
    cast::stranger(fleet).post("/auth/forgot-password", json!({ "email": email })).await.status
}

async fn the_fourth_mail_in_an_hour_is_not_sent(fleet: Arc<Fleet>) {
    let ada = cast::member(&fleet).await;
    // The link of the registration was the first.
    let statuses = [forgets(&fleet, &ada.email).await, forgets(&fleet, &ada.email).await];
    assert_eq!(statuses, [202, 202]);
    let asked = cast::stranger(&fleet).post("/auth/forgot-password", json!({ "email": ada.email })).await;
    asked.refuses(429, "quota_exceeded");
    mail::wait_for(&fleet, &ada.email, SIGN_UP + 2).await;
    assert_eq!(mail::to(&fleet, &ada.email).len(), SIGN_UP + 2);
}

async fn an_address_without_an_account_is_limited_alike(fleet: Arc<Fleet>) {
    let nobody = format!("{}@example.org", fresh("nobody"));
    for status in [202, 202, 202, 429] {
        assert_eq!(forgets(&fleet, &nobody).await, status);
    }
    // However it is spelt.
    assert_eq!(forgets(&fleet, &format!(" {}", nobody.to_uppercase())).await, 429);
    assert!(mail::to(&fleet, &nobody).is_empty());
}

async fn many_registrations_of_one_address_mail_it_three_times(fleet: Arc<Fleet>) {
    let email = format!("{}@example.org", fresh("flood"));
    for _ in 0..6 {
        let body = json!({ "email": email, "password": PASSWORD });
        cast::stranger(&fleet).post("/auth/register", body).await.is(201);
    }
    mail::wait_for(&fleet, &email, 3).await;
    // Whoever registers later is mailed later.
    letter_to(&fleet, "Ada Lovelace").await;
    assert_eq!(mail::to(&fleet, &email).len(), 3);
}

async fn one_address_of_the_network_has_ten_mails_sent_an_hour(fleet: Arc<Fleet>) {
    let (mallory, crowd) = (caller_at([127, 0, 3, 66]), fresh("crowd"));
    let url = fleet.url("/api/v1/auth/forgot-password");
    let mut statuses = Vec::new();
    for n in 0..12 {
        let body = json!({ "email": format!("{crowd}{n}@example.org") });
        let disguised = mallory.post(&url).header("x-forwarded-for", format!("198.51.100.{n}"));
        statuses.push(send(disguised.json(&body)).await.status);
    }
    assert_eq!((statuses[..10].to_vec(), &statuses[10..]), (vec![202; 10], &[429, 429][..]));
}

async fn an_administrator_invites_twenty_a_day(fleet: Arc<Fleet>) {
    let (root, crowd) = (cast::administrator(&fleet).await, fresh("guest"));
    for n in 0..20 {
        let guest = json!({ "email": format!("{crowd}{n}@example.org"), "roles": ["user"], "locale": "fr" });
        root.post("/auth/users", guest).await.is(201);
    }
    let guest = json!({ "email": format!("{crowd}20@example.org"), "roles": ["user"], "locale": "fr" });
    root.post("/auth/users", guest).await.refuses(429, "quota_exceeded");
}
