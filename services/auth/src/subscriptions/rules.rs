//! What Stripe's events come to. They arrive in any order and more than once, so what holds follows from the set of them
//! and never from the order: the same events, the same answer.

use std::collections::BTreeMap;

use contracts::UserId;
use jiff::{SignedDuration, Timestamp};

/// A period whose end Stripe does not tell is taken for a year.
const LONGEST_PERIOD: SignedDuration = SignedDuration::from_hours(366 * 24);

/// See [`Told::place`].
type Place = (bool, Timestamp, Kind, bool, Option<Timestamp>, String);

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody paid, and is told by name.
    Checkout,
    /// A subscription was made.
    Created,
    /// It is another.
    Updated,
    /// It rests.
    Paused,
    /// It goes on.
    Resumed,
    /// It is over.
    Deleted,
}

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its first payment is awaited.
    Incomplete,
    /// Its first payment never came.
    IncompleteExpired,
    /// It is tried out.
    Trialing,
    /// It is paid for.
    Active,
    /// A payment failed, and is tried again.
    PastDue,
    /// A payment failed for good.
    Unpaid,
    /// It rests.
    Paused,
    /// It is over.
    Canceled,
    /// A word that we do not know.
    Unknown,
}

/// What gives PREMIUM, and for how long without a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The ids of the prices that give it; any price does where none is named.
    pub prices: Vec<String>,
    /// How long it stays when a payment failed, or when the next one is not heard of.
    pub grace: SignedDuration,
}

/// What holds of a subscription as of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How it stands.
    pub status: Status,
    /// What is paid for, as it is shown: the id of the first price.
    pub plan: Option<String>,
    /// The ids of all prices.
    pub prices: Vec<String>,
    /// Until when it is paid for.
    pub period_end: Option<Timestamp>,
    /// Whether it ends then.
    pub cancel_at_period_end: bool,
    /// When it ends, where that was chosen otherwise.
    pub cancel_at: Option<Timestamp>,
}

/// What we keep of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Stripe's id of the event.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// When it happened, in whole seconds.
    pub created: Timestamp,
    /// The customer.
    pub customer: String,
    /// The subscription; none where something else was paid for.
    pub subscription: Option<String>,
    /// Whom it names as the account.
    pub user: Option<UserId>,
    /// What holds of the subscription; nothing is said of that by a checkout.
    pub terms: Option<Terms>,
}

/// A subscription, as all that was told of it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The customer.
    pub customer: String,
    /// The subscription.
    pub subscription: String,
    /// What holds.
    pub terms: Terms,
    /// When that happened.
    pub told_at: Timestamp,
    /// Since when a payment is owed, where one is.
    pub past_due_since: Option<Timestamp>,
    /// Until when it gives PREMIUM; nothing where it does not.
    pub premium_until: Option<Timestamp>,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Checkout, Self::Created, Self::Updated, Self::Paused, Self::Resumed, Self::Deleted];

    /// Stripe's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Checkout => "checkout.session.completed",
            Self::Created => "customer.subscription.created",
            Self::Updated => "customer.subscription.updated",
            Self::Paused => "customer.subscription.paused",
            Self::Resumed => "customer.subscription.resumed",
            Self::Deleted => "customer.subscription.deleted",
        }
    }

    /// The kind of that name; nothing for those that change nothing here.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Status {
    const ALL: [Self; 9] = [
        Self::Incomplete,
        Self::IncompleteExpired,
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Paused,
        Self::Canceled,
        Self::Unknown,
    ];

    /// Stripe's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
        }
    }

    /// The status of that name.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.name() == name).unwrap_or(Self::Unknown)
    }

    /// Whether nothing can follow.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

impl Offer {
    /// Whether one of the prices that are paid gives PREMIUM.
    fn is_of(&self, terms: &Terms) -> bool {
        let mut paid = terms.prices.iter().chain(&terms.plan);
        self.prices.is_empty() || paid.any(|price| self.prices.contains(price))
    }
}

impl Terms {
    /// When it ends, where that is settled.
    fn ends(&self) -> Option<Timestamp> {
        self.cancel_at.or_else(|| self.period_end.filter(|_| self.cancel_at_period_end))
    }

    /// Until when PREMIUM stays by these terms.
    fn premium_until(&self, told_at: Timestamp, past_due_since: Option<Timestamp>, offer: &Offer) -> Option<Timestamp> {
        if !offer.is_of(self) {
            return None;
        }
        let grace = offer.grace;
        let until = match self.status {
            Status::Trialing | Status::Active => {
                later(self.period_end.unwrap_or_else(|| later(told_at, LONGEST_PERIOD)), grace)
            }
            Status::PastDue => later(past_due_since.unwrap_or(told_at), grace),
            _ => return None,
        };
        Some(self.ends().map_or(until, |ends| until.min(ends)))
    }
}

impl Told {
    /// Its place among the events of one subscription. What is over stays over. Events are dated in whole seconds: in one
    /// second what is made comes before what changes it, what was begun before what goes on, a period before the next.
    fn place(&self, terms: &Terms) -> Place {
        let begun = terms.status != Status::Incomplete;
        (terms.status.is_final(), self.created, self.kind, begun, terms.period_end, self.id.clone())
    }
}

/// Whom the events of a customer name as the account, best first: a checkout before what a subscription says of itself,
/// and the first of each before later ones.
pub fn claims(told: &[Told]) -> Vec<UserId> {
    let mut claims: Vec<_> = told
        .iter()
        .filter_map(|one| Some(((one.kind != Kind::Checkout, one.created, one.id.as_str()), one.user?)))
        .collect();
    claims.sort_unstable();
    let mut best = Vec::new();
    for (_, user) in claims {
        if !best.contains(&user) {
            best.push(user);
        }
    }
    best
}

/// The subscriptions that these events speak of, in the order of their ids.
pub fn standings(told: &[Told], offer: &Offer) -> Vec<Standing> {
    let mut by_subscription: BTreeMap<&str, Vec<(&Told, &Terms)>> = BTreeMap::new();
    for one in told {
        if let (Some(subscription), Some(terms)) = (one.subscription.as_deref(), &one.terms) {
            by_subscription.entry(subscription).or_default().push((one, terms));
        }
    }
    by_subscription.into_iter().filter_map(|(id, all)| standing(id, all, offer)).collect()
}

/// What the events of one subscription come to; nothing where there are none.
fn standing(subscription: &str, mut all: Vec<(&Told, &Terms)>, offer: &Offer) -> Option<Standing> {
    all.sort_by_cached_key(|(told, terms)| told.place(terms));
    let (newest, terms) = *all.last()?;
    let owing = all.iter().rev().take_while(|(_, terms)| terms.status == Status::PastDue);
    let past_due_since = owing.last().map(|(told, _)| told.created);
    Some(Standing {
        customer: newest.customer.clone(),
        subscription: subscription.to_owned(),
        terms: terms.clone(),
        told_at: newest.created,
        past_due_since,
        premium_until: terms.premium_until(newest.created, past_due_since, offer),
    })
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
