//! Keys and revocations are brought from auth, and stay when auth is away. No broker here: auth is asked instead.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::Bus;
use clock::Clock;
use contracts::auth::SessionRevoked;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use super::forge::{Forge, ISSUER, now, session};
use crate::schedule::Schedule;
use crate::{Config, Keys, Snapshot, Source, Verifier};

/// What auth would answer.
#[derive(Clone, Default)]
struct Auth(Arc<Facts>);

#[derive(Default)]
struct Facts {
    away: AtomicBool,
    keys: Mutex<Keys>,
    keys_asked: AtomicUsize,
    revoked: Mutex<Vec<SessionRevoked>>,
    whole_asked: AtomicUsize,
}

impl Source for Auth {
    async fn keys(&self) -> Result<Keys, String> {
        self.0.keys_asked.fetch_add(1, Ordering::SeqCst);
        if self.0.away.load(Ordering::SeqCst) { Err("away".into()) } else { Ok(self.0.keys.lock().unwrap().clone()) }
    }

    async fn revocations(&self, since: Option<Timestamp>) -> Result<Snapshot, String> {
        self.0.whole_asked.fetch_add(usize::from(since.is_none()), Ordering::SeqCst);
        let items = self.0.revoked.lock().unwrap().clone();
        if self.0.away.load(Ordering::SeqCst) { Err("away".into()) } else { Ok(Snapshot { items, as_of: now() }) }
    }
}

struct World {
    forge: Forge,
    auth: Auth,
    verifier: Verifier,
    clock: Clock,
    stop: watch::Sender<bool>,
}

impl World {
    fn new() -> Self {
        let forge = Forge::new();
        let auth = Auth::default();
        *auth.0.keys.lock().unwrap() = Keys::of(forge.published()).unwrap();
        let config = Config { issuer: ISSUER.into(), auth_internal_url: "http://127.0.0.1:1".parse().unwrap() };
        Self { forge, auth, verifier: Verifier::new(config), clock: Clock::fixed(now()), stop: watch::channel(false).0 }
    }

    /// Runs the follower until `check` has come to its end.
    async fn following(&self, check: impl Future<Output = ()>) {
        let bus = Bus::new("amqp://nobody:nothing@127.0.0.1:1".to_owned().into(), "test");
        let follow = self.verifier.keep_fresh_from(self.auth.clone(), bus, self.clock.clone(), self.stop.subscribe());
        let check = async {
            check.await;
            self.stop.send_replace(true);
        };
        tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(follow, check) }).await.unwrap();
    }

    fn revoke(&self) {
        let exp = now() + SignedDuration::from_mins(30);
        let event =
            SessionRevoked { sid: Some(session()), jti: None, user_id: None, not_before: None, revoked_at: now(), exp };
        self.auth.0.revoked.lock().unwrap().push(event);
    }

    fn accepted(&self) -> bool {
        self.verifier.verify(&self.forge.good(), now()).is_ok()
    }
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn it_is_ready_once_auth_has_answered_and_not_before() {
    let world = World::new();
    world.auth.0.away.store(true, Ordering::SeqCst);
    world
        .following(async {
            until(|| world.auth.0.keys_asked.load(Ordering::SeqCst) > 0).await;
            assert!(!world.verifier.ready());
            world.auth.0.away.store(false, Ordering::SeqCst);
            until(|| world.verifier.ready()).await;
            assert!(world.accepted());
        })
        .await;
}

#[tokio::test]
async fn without_a_broker_a_revocation_is_learnt_from_auth_within_seconds() {
    let world = World::new();
    world
        .following(async {
            until(|| world.verifier.ready()).await;
            assert!(world.accepted());
            world.revoke();
            until(|| !world.accepted()).await;
        })
        .await;
}

#[tokio::test]
async fn keys_stay_when_auth_is_away_and_unknown_ones_do_not_make_it_ask() {
    let world = World::new();
    world
        .following(async {
            until(|| world.verifier.ready()).await;
            world.auth.0.away.store(true, Ordering::SeqCst);
            let asked = world.auth.0.keys_asked.load(Ordering::SeqCst);
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(1500) {
                assert!(world.verifier.verify(&world.forge.headed(json!({"kid": "unknown"})), now()).is_err());
                tokio::task::yield_now().await;
            }
            assert_eq!(world.auth.0.keys_asked.load(Ordering::SeqCst), asked);
            assert!(world.accepted());
        })
        .await;
}

#[tokio::test]
async fn after_the_clock_went_back_all_revocations_are_read_again() {
    let world = World::new();
    world
        .following(async {
            until(|| world.verifier.ready()).await;
            world.clock.advance(SignedDuration::from_hours(36));
            let whole = || world.auth.0.whole_asked.load(Ordering::SeqCst);
            let asked = whole();
            // It has seen the future once what is revoked there is known.
            world.revoke();
            until(|| !world.accepted()).await;
            world.verifier.prune(world.clock.now());
            assert!(world.accepted());
            world.auth.0.revoked.lock().unwrap().clear();
            world.clock.set(now());
            world.revoke();
            until(|| !world.accepted()).await;
            assert!(whole() > asked);
        })
        .await;
}

#[test]
fn keys_are_read_every_five_minutes_at_once_when_changed_and_for_unknown_ones_every_half_minute_at_most() {
    let start = Instant::now();
    let at = |secs: u64| start + Duration::from_secs(secs);
    let mut keys = Schedule::new(start);
    assert!(keys.is_due(start));
    keys.asked(start, true, true);
    assert!(!keys.is_due(at(299)) && keys.is_due(at(300)));
    keys.unknown(at(1));
    keys.unknown(at(2));
    assert!(!keys.is_due(at(29)) && keys.is_due(at(30)));
    keys.asked(at(30), true, true);
    keys.unknown(at(100));
    assert!(keys.is_due(at(100)));
    keys.asked(at(100), false, true);
    assert!(!keys.is_due(at(129)) && keys.is_due(at(130)), "auth is away");
    keys.changed(at(101));
    assert!(keys.is_due(at(101)));
    keys.asked(at(101), false, false);
    assert!(!keys.is_due(at(101)) && keys.is_due(at(102)), "no key at all");
    keys.asked(at(102), false, true);
    assert!(!keys.is_due(at(102)) && keys.is_due(at(103)), "there are new ones, and tokens that they sign");
    keys.asked(at(103), true, true);
    assert!(!keys.is_due(at(402)) && keys.is_due(at(403)));
}
