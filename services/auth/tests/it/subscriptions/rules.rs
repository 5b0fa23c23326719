//! What events come to, in any order.

use auth::subscriptions::rules::{Kind, Offer, Standing, Status, Terms, Told, claims, standings};
use contracts::UserId;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

/// Anything that is paid gives PREMIUM.
const ANY: Offer = Offer { prices: Vec::new(), grace: SignedDuration::from_hours(24) };

fn at(secs: i64) -> Timestamp {
    Timestamp::constant(1_768_296_600, 0) + SignedDuration::from_secs(secs)
}

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn terms(status: Status, period_end: Option<i64>) -> Terms {
    let period_end = period_end.map(at);
    Terms { status, plan: None, prices: Vec::new(), period_end, cancel_at_period_end: false, cancel_at: None }
}

fn told(id: &str, kind: Kind, created: i64, status: Status) -> Told {
    let (customer, subscription) = ("cus".to_owned(), Some("sub".to_owned()));
    let terms = (kind != Kind::Checkout).then(|| terms(status, Some(1_000)));
    Told { id: id.into(), kind, created: at(created), customer, subscription, user: None, terms }
}

fn one(all: &[Told]) -> Standing {
    standings(all, &ANY).pop().unwrap()
}

#[track_caller]
fn check(status: Status, period_end: Option<i64>, expected: Option<i64>) {
    let event = Told { terms: Some(terms(status, period_end)), ..told("a", Kind::Updated, 0, status) };
    assert_eq!(one(&[event]).premium_until, expected.map(at), "{status:?} until {period_end:?}");
}

#[test]
fn each_status_gives_what_the_table_says() {
    let day = 86_400;
    for status in [Status::Active, Status::Trialing] {
        check(status, Some(1_000), Some(1_000 + day));
        check(status, Some(-2 * day), Some(-day));
        check(status, None, Some(367 * day));
    }
    check(Status::PastDue, Some(1_000_000), Some(day));
    let nothing = [Status::Incomplete, Status::IncompleteExpired, Status::Unpaid, Status::Paused, Status::Canceled];
    for status in nothing.into_iter().chain([Status::Unknown]) {
        check(status, Some(1_000), None);
    }
}

#[test]
fn the_end_that_was_chosen_comes_before_any_grace() {
    let ends = |cancel_at_period_end, cancel_at: Option<i64>| {
        let terms = Terms { cancel_at_period_end, cancel_at: cancel_at.map(at), ..terms(Status::Active, Some(1_000)) };
        let event = Told { terms: Some(terms), ..told("a", Kind::Updated, 0, Status::Active) };
        one(&[event]).premium_until
    };
    assert_eq!(ends(true, None), Some(at(1_000)));
    assert_eq!(ends(false, Some(500)), Some(at(500)));
    assert_eq!(ends(true, Some(500)), Some(at(500)));
    assert_eq!(ends(false, Some(1_000_000)), Some(at(1_000 + 86_400)));
}

#[test]
fn only_prices_that_give_premium_do() {
    let offer = Offer { prices: vec!["monthly".into(), "yearly".into()], ..ANY };
    let gives = |plan: Option<&str>, prices: &[&str]| {
        let (plan, prices) = (plan.map(str::to_owned), prices.iter().map(|price| (*price).to_owned()).collect());
        let terms = Terms { plan, prices, ..terms(Status::Active, Some(1_000)) };
        let event = Told { terms: Some(terms), ..told("a", Kind::Updated, 0, Status::Active) };
        standings(&[event], &offer).pop().unwrap().premium_until.is_some()
    };
    assert!(gives(Some("yearly"), &["yearly"]));
    assert!(gives(Some("mug"), &["mug", "monthly"]), "one of several is enough");
    assert!(gives(Some("monthly"), &[]), "an event from before all prices were kept");
    assert!(!gives(Some("mug"), &["mug", "sticker"]));
    assert!(!gives(None, &[]));
}

#[test]
fn a_period_at_the_end_of_all_calendars_is_no_fault() {
    let terms = Terms { period_end: Some(Timestamp::MAX), ..terms(Status::Active, None) };
    let event = Told { terms: Some(terms), ..told("a", Kind::Updated, 0, Status::Active) };
    assert_eq!(one(&[event]).premium_until, Some(Timestamp::MAX));
}

#[test]
fn what_is_over_stays_over_whatever_comes_later() {
    let over = told("a", Kind::Deleted, 0, Status::Canceled);
    let later = told("b", Kind::Updated, 100, Status::Active);
    assert_eq!(one(&[over, later]).terms.status, Status::Canceled);
    let expired = told("a", Kind::Updated, 0, Status::IncompleteExpired);
    let later = told("b", Kind::Updated, 100, Status::Active);
    assert_eq!(one(&[later, expired]).terms.status, Status::IncompleteExpired);
}

#[test]
fn in_one_second_what_is_further_along_holds() {
    let same_second = [
        (told("b", Kind::Created, 0, Status::Active), told("a", Kind::Updated, 0, Status::PastDue)),
        (told("b", Kind::Updated, 0, Status::Incomplete), told("a", Kind::Updated, 0, Status::Active)),
        (told("b", Kind::Updated, 0, Status::Active), told("a", Kind::Deleted, 0, Status::Canceled)),
        (told("a", Kind::Updated, 0, Status::PastDue), told("b", Kind::Updated, 0, Status::Active)),
    ];
    for (first, second) in same_second {
        let expected = second.terms.clone().unwrap();
        assert_eq!(one(&[first.clone(), second.clone()]).terms, expected);
        assert_eq!(one(&[second, first]).terms, expected);
    }
}

#[test]
fn a_checkout_is_believed_before_a_subscription_and_the_first_before_the_next() {
    let says = |id: &str, kind, created, n| Told { user: Some(user(n)), ..told(id, kind, created, Status::Active) };
    let all = [
        says("a", Kind::Created, 0, 1),
        says("b", Kind::Checkout, 20, 2),
        says("c", Kind::Checkout, 10, 3),
        says("d", Kind::Updated, 5, 1),
        told("e", Kind::Updated, 6, Status::Active),
    ];
    assert_eq!(claims(&all), [user(3), user(2), user(1)]);
    assert!(claims(&[]).is_empty());
}

/// Events of two subscriptions within a few seconds, so that many share one.
fn story() -> impl Strategy<Value = Vec<Told>> {
    let kinds = prop_oneof![
        Just(Kind::Checkout),
        Just(Kind::Created),
        Just(Kind::Updated),
        Just(Kind::Paused),
        Just(Kind::Resumed),
        Just(Kind::Deleted)
    ];
    let statuses = prop_oneof![
        Just(Status::Incomplete),
        Just(Status::Trialing),
        Just(Status::Active),
        Just(Status::PastDue),
        Just(Status::Unpaid),
        Just(Status::Canceled)
    ];
    let event = (kinds, statuses, 0..4_i64, any::<bool>(), 0..3_u128);
    proptest::collection::vec(event, 1..12).prop_map(|events| {
        let numbered = events.into_iter().enumerate();
        numbered
            .map(|(nth, (kind, status, created, other, n))| Told {
                subscription: Some(if other { "other" } else { "sub" }.into()),
                user: (n > 0).then(|| user(n)),
                ..told(&format!("evt_{nth}"), kind, created, status)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_come_to_the_same(
        (story, shuffled) in story().prop_flat_map(|story| {
            let twice: Vec<Told> = story.iter().chain(story.iter().step_by(2)).cloned().collect();
            (Just(story), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(standings(&story, &ANY), standings(&shuffled, &ANY));
        prop_assert_eq!(claims(&story), claims(&shuffled));
    }

    #[test]
    fn what_is_over_gives_nothing(story in story()) {
        let over = |subscription: &str| story.iter().any(|told| {
            told.subscription.as_deref() == Some(subscription)
                && told.terms.as_ref().is_some_and(|terms| terms.status.is_final())
        });
        for standing in standings(&story, &ANY) {
            prop_assert!(!over(&standing.subscription) || standing.premium_until.is_none());
        }
    }
}
