//! Traffic with a memory: every acknowledged operation is written down, and all are read back after the fault.
//!
//! Each of a few people works through its own list: write a post (with an idempotency key, repeated until it is
//! acknowledged), like it, comment it, change the own profile. The verdict knows three words: lost (acknowledged and not
//! there), doubled (there twice), unexpected (an answer that the fault does not explain).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::fleet::Fleet;
use crate::person::Person;

/// What happened under one fault.
#[derive(Debug, Default)]
pub struct Tally {
    pub acknowledged: usize,
    pub refused: BTreeMap<u16, usize>,
    pub slowest: Duration,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    pub unexpected: Vec<String>,
}

/// One person's acknowledged operations.
#[derive(Default)]
struct Ledger {
    posts: BTreeMap<String, String>,
    liked: Vec<String>,
    comments: Vec<(String, String)>,
    bio: Option<String>,
    attempted_bios: Vec<String>,
    refused: BTreeMap<u16, usize>,
    unexpected: Vec<String>,
    slowest: Duration,
}

/// Runs traffic of four people, `fault` meanwhile, and reads everything back once the fleet has settled.
pub async fn under<F: Future<Output = ()>>(fleet: &Arc<Fleet>, fault: impl FnOnce() -> F) -> Tally {
    const PEOPLE: u32 = 4;
    let over = Arc::new(AtomicBool::new(false));
    let (signed_in, rounds) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut workers = Vec::new();
    for _ in 0..PEOPLE {
        let (fleet, over) = (fleet.clone(), over.clone());
        let (signed_in, rounds) = (signed_in.clone(), rounds.clone());
        workers.push(tokio::task::spawn(async move {
            let person = Person::new(&fleet).await;
            signed_in.fetch_add(1, Ordering::Relaxed);
            let mut ledger = Ledger::default();
            let mut n = 0;
            while !over.load(Ordering::Relaxed) {
                ledger.round(&person, n, &over).await;
                rounds.fetch_add(1, Ordering::Relaxed);
                n += 1;
            }
            let (id, access) = (person.id.clone(), person.access.clone());
            (id, access, person.email.clone(), ledger)
        }));
    }
    // Whoever still signs in is not in the ledger, and has no patience with the fault.
    progress(&signed_in, PEOPLE).await;
    progress(&rounds, 2 * PEOPLE).await;
    fault().await;
    let healed = rounds.load(Ordering::Relaxed);
    progress(&rounds, healed + 2 * PEOPLE).await;
    over.store(true, Ordering::Relaxed);
    let mut tally = Tally::default();
    let mut ledgers = Vec::new();
    for worker in workers {
        ledgers.push(worker.await.expect("traffic goes on"));
    }
    fleet.settled(Duration::from_secs(30)).await;
    for (id, access, email, ledger) in ledgers {
        let person = Person { fleet, dialect: "/api/v1", id, email, access, refresh: String::new() };
        ledger.read_back(&person, &mut tally).await;
    }
    tally
}

/// Waits until so many are counted.
async fn progress(counted: &AtomicU32, wanted: u32) {
    crate::wait::until_true("traffic to flow", Duration::from_secs(60), async || {
        counted.load(Ordering::Relaxed) >= wanted
    })
    .await;
}

impl Ledger {
    async fn round(&mut self, person: &Person<'_>, n: usize, over: &AtomicBool) {
        let body = format!("Registre {n} de {}", person.id);
        let key = format!("registre-{n}");
        let post = loop {
            let request =
                person.request(Method::POST, "/posts").header("idempotency-key", &key).json(&json!({ "body": body }));
            if let Some(answer) = self.ask("post", request, 201).await {
                break answer["id"].as_str().unwrap().to_owned();
            }
            if over.load(Ordering::Relaxed) {
                return;
            }
            crate::wait::pause().await;
        };
        self.posts.insert(post.clone(), body);
        if self.ask("like", person.request(Method::PUT, &format!("/posts/{post}/like")), 204).await.is_some() {
            self.liked.push(post.clone());
        }
        let comment = person
            .request(Method::POST, &format!("/posts/{post}/comments"))
            .header("idempotency-key", format!("note-{n}"));
        if let Some(comment) = self.ask("comment", comment.json(&json!({ "body": format!("Note {n}") })), 201).await {
            self.comments.push((post.clone(), comment["id"].as_str().unwrap().to_owned()));
        }
        let bio = format!("Ligne {n}");
        self.attempted_bios.push(bio.clone());
        if self
            .ask("profile", person.request(Method::PATCH, "/users/me").json(&json!({ "bio": bio })), 200)
            .await
            .is_some()
        {
            self.bio = self.attempted_bios.pop();
            self.attempted_bios.clear();
        }
    }

    /// Sends one operation; answers the body where it was acknowledged.
    async fn ask(
        &mut self,
        what: &str,
        request: reqwest::RequestBuilder,
        acknowledged: u16,
    ) -> Option<serde_json::Value> {
        let begun = Instant::now();
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(e) => {
                self.unexpected.push(format!("{what}: {e}"));
                return None;
            }
        };
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap_or_default();
        self.slowest = self.slowest.max(begun.elapsed());
        if status == acknowledged {
            return Some(serde_json::from_str(&text).unwrap_or_default());
        }
        *self.refused.entry(status).or_default() += 1;
        if ![409, 429, 502, 503, 504].contains(&status) {
            self.unexpected.push(format!("{what}: {status} {text}"));
        }
        None
    }

    async fn read_back(self, person: &Person<'_>, tally: &mut Tally) {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = read(person, &format!("/posts?author={}&limit=100{cursor}", person.id)).await;
            for item in page["items"].as_array().unwrap() {
                *found.entry(item["body"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        tally.lost.extend(self.posts.values().filter(|body| !found.contains_key(*body)).cloned());
        tally.doubled.extend(found.iter().filter(|(_, times)| **times > 1).map(|(body, _)| body.clone()));
        for post in self.posts.keys() {
            let view = read(person, &format!("/posts/{post}")).await;
            let comments = read(person, &format!("/posts/{post}/comments?limit=100")).await;
            let written = comments["items"].as_array().unwrap();
            if self.liked.contains(post) && (view["like_count"] != 1 || view["liked_by_me"] != true) {
                tally.lost.push(format!("like of {post}: {view}"));
            }
            if view["comment_count"] != written.len() || written.len() > 1 {
                tally.doubled.push(format!(
                    "comments of {post}: {} counted, {} there",
                    view["comment_count"],
                    written.len()
                ));
            }
        }
        for (post, id) in &self.comments {
            let comments = read(person, &format!("/posts/{post}/comments?limit=100")).await;
            if !comments["items"].as_array().unwrap().iter().any(|comment| comment["id"] == id.as_str()) {
                tally.lost.push(format!("comment {id}"));
            }
        }
        let bio = read(person, "/users/me").await["bio"].as_str().map(str::to_owned);
        let attempted = self.attempted_bios.iter().any(|one| bio.as_ref() == Some(one));
        if self.bio.is_some() && bio != self.bio && !attempted {
            tally.lost.push(format!("profile: {:?} acknowledged, {bio:?} there", self.bio));
        }
        tally.acknowledged += self.posts.len() + self.liked.len() + self.comments.len();
        for (status, times) in self.refused {
            *tally.refused.entry(status).or_default() += times;
        }
        tally.unexpected.extend(self.unexpected);
        tally.slowest = tally.slowest.max(self.slowest);
    }
}

/// Reads, waiting out limits and the last of the fault.
async fn read(person: &Person<'_>, path: &str) -> serde_json::Value {
    crate::wait::until(path, Duration::from_secs(90), async || {
        let answer = person.get(path).await;
        (answer.status == 200).then(|| answer.json())
    })
    .await
}

impl Tally {
    /// Nothing lost, nothing doubled, nothing unexpected.
    #[track_caller]
    pub fn is_clean(&self) {
        println!("{} acknowledged, refused {:?}, slowest {:?}", self.acknowledged, self.refused, self.slowest);
        assert!(self.acknowledged > 0, "no traffic");
        assert!(self.lost.is_empty(), "lost: {:?}", self.lost);
        assert!(self.doubled.is_empty(), "doubled: {:?}", self.doubled);
        assert!(self.unexpected.is_empty(), "unexpected: {:?}", &self.unexpected[..self.unexpected.len().min(5)]);
    }
}
