//! Whether this caller may call again now. Counted by account where there is one, by address where there is none.

use authn::Identity;
use jiff::Timestamp;
use limits::{Decision, Key, Limiter, Policy};
use problem::Problem;

use crate::client::Client;
use crate::config::Policies;
use crate::digits::decimal;
use crate::table::Class;

/// All quotas, with what callers read of them.
pub(crate) struct Quotas {
    limiter: Limiter,
    by_class: [Counted; 9],
}

/// One quota.
pub(crate) struct Counted {
    policy: Policy,
    header: &'static str,
}

/// What a call left of a quota.
pub(crate) struct Quota {
    decision: Decision,
    policy_header: &'static str,
    name: &'static str,
}

/// Counts a call of `class`, or refuses it; nothing where it is not counted.
pub(crate) fn admission(
    quotas: &Quotas,
    class: Class,
    client: &Client,
    identity: Option<&Identity>,
    now: Timestamp,
) -> Result<Option<Quota>, Problem> {
    let (counted, key) = match (class, identity) {
        (Class::None, _) => return Ok(None),
        (Class::Read | Class::Write | Class::Admin, Some(identity)) => {
            (quotas.of(class), Key::from(identity.user.0.as_u128()))
        }
        _ if client.is_exempt() => return Ok(None),
        (Class::Read | Class::Write | Class::Admin, None) => (quotas.of(Class::Anon), Key::from(client.address())),
        _ => (quotas.of(class), Key::from(client.address())),
    };
    let decision = quotas.limiter.check_at(&counted.policy, key, 1, now);
    if !decision.allowed {
        return Err(decision.problem(&counted.policy));
    }
    Ok(Some(Quota { decision, policy_header: counted.header, name: counted.policy.name }))
}

impl Quotas {
    pub(crate) fn new(limiter: Limiter, policies: &Policies) -> Self {
        let Policies { read, write, admin, anon, login, register, mail, refresh, webhook } = policies;
        let by_class = [anon, read, write, admin, login, register, mail, refresh, webhook];
        Self { limiter, by_class: by_class.map(Counted::new) }
    }

    fn of(&self, class: Class) -> &Counted {
        let [anon, read, write, admin, login, register, mail, refresh, webhook] = &self.by_class;
        match class {
            Class::None | Class::Anon => anon,
            Class::Read => read,
            Class::Write => write,
            Class::Admin => admin,
            Class::Login => login,
            Class::Register => register,
            Class::Mail => mail,
            Class::Refresh => refresh,
            Class::Webhook => webhook,
        }
    }
}

impl Counted {
    fn new(policy: &Policy) -> Self {
        // Once per process; a text that all cores share would be counted by all at every answer.
        let header = Box::leak(policy.header().into_boxed_str());
        Self { policy: policy.clone(), header }
    }
}

impl Quota {
    /// The value of `RateLimit-Policy`.
    pub(crate) fn policy(&self) -> &'static str {
        self.policy_header
    }

    /// Appends the value of `RateLimit`.
    pub(crate) fn left(&self, to: &mut Vec<u8>) {
        to.push(b'"');
        to.extend_from_slice(self.name.as_bytes());
        to.extend_from_slice(b"\";r=");
        decimal(u64::from(self.decision.remaining), to);
        to.extend_from_slice(b";t=");
        decimal(self.decision.reset_secs, to);
    }
}
