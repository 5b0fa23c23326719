//! The pool that passwords are hashed in.

use std::time::{Duration, Instant};

use auth::passwords::{Hasher, Scheme, Verdict};

use crate::support::together;

const PASSWORD: &str = "sept-vaches-bleues";

#[tokio::test]
async fn nobodys_password_is_never_right() {
    let hasher = Hasher::new(Scheme::Argon2id, 2).unwrap();
    for password in [PASSWORD, "nobody's password", ""] {
        assert_eq!(
            hasher.verify(hasher.place().unwrap(), password, None).await.unwrap(),
            Verdict { right: false, rehashed: None }
        );
    }
}

#[tokio::test]
async fn nobodys_password_takes_as_long_as_anybodys() {
    let hasher = Hasher::new(Scheme::Argon2id, 1).unwrap();
    let stored = hasher.hash(PASSWORD).await.unwrap();
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..10 {
        for (fastest, stored) in fastest.iter_mut().zip([Some(stored.as_str()), None]) {
            let (place, began) = (hasher.place().unwrap(), Instant::now());
            hasher.verify(place, "sept-vaches-rouges", stored).await.unwrap();
            *fastest = began.elapsed().min(*fastest);
        }
    }
    let [anybodys, nobodys] = fastest;
    assert!(nobodys > anybodys / 2 && anybodys > nobodys / 2, "{nobodys:?} for {anybodys:?}");
}

#[tokio::test]
async fn one_spelling_of_each_character_is_hashed() {
    let hasher = Hasher::new(Scheme::Argon2id, 2).unwrap();
    let stored = hasher.hash("caf\u{e9} noir!").await.unwrap();
    assert!(hasher.verify(hasher.place().unwrap(), "cafe\u{301} noir!", Some(&stored)).await.unwrap().right);
}

#[tokio::test]
async fn an_old_hash_is_made_anew_only_for_the_right_password() {
    let hasher = Hasher::new(Scheme::Argon2id, 2).unwrap();
    let old = "$2b$04$abcdefghijklmnopqrstuuU2q6UTJuE2rZsEqdS.uamV4t1TOE6ee";
    let right = hasher.verify(hasher.place().unwrap(), PASSWORD, Some(old)).await.unwrap();
    assert!(right.right && right.rehashed.unwrap().starts_with("$argon2id$"));
    let wrong = hasher.verify(hasher.place().unwrap(), "sept-vaches-rouges", Some(old)).await.unwrap();
    assert_eq!(wrong, Verdict { right: false, rehashed: None });
}

#[tokio::test]
async fn so_many_wait_and_no_more() {
    let hasher = Hasher::new(Scheme::Argon2id, 1).unwrap();
    let answers = together((0..20).map(|_| hasher.hash(PASSWORD))).await;
    let busy = answers.iter().filter(|answer| answer.as_ref().is_err_and(|problem| problem.status() == 503)).count();
    assert!((1..=11).contains(&busy), "one runs, eight wait, {busy} were told to come back");
    hasher.hash(PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_caller_that_goes_away_gives_his_turn_back() {
    let hasher = Hasher::new(Scheme::Argon2id, 1).unwrap();
    for _ in 0..30 {
        let gone = tokio::time::timeout(std::time::Duration::ZERO, hasher.hash(PASSWORD)).await;
        assert!(gone.is_err() || gone.is_ok_and(|hash| hash.is_err()));
    }
    let again = async {
        while hasher.hash(PASSWORD).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), again).await.unwrap();
}
