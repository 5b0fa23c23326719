//! What this service is told by its environment.

use authn::{Algorithm, ServiceKeys};
use jiff::SignedDuration;
mod providers;

use limits::{Policy, Rate};
use settings::{ExposeSecret, Reader, SecretString, Setting};
use url::Url;

use crate::passkeys::RelyingParty;
use crate::passwords::{Rules, Scheme};
use crate::subscriptions::Offer;

pub use providers::{ProviderConfig, ProvidersConfig};

/// The passwords that everybody tries first.
const FREQUENT: &str = include_str!("../content/common-passwords.txt");
/// A shorter secret can be guessed.
const SHORTEST_SECRET: usize = 32;

/// Everything.
pub struct Config {
    /// `DATABASE_URL`, `DATABASE_POOL`.
    pub db: db::Config,
    /// `AMQP_URL`: the broker.
    pub amqp_url: SecretString,
    /// `REDIS_URL`: where processes count together; without it each counts alone.
    pub redis_url: Option<SecretString>,
    /// `CURSOR_SECRET`: signs the cursors of lists.
    pub cursor_secret: SecretString,
    /// `AUTH_ISSUER`: the `iss` of our tokens.
    pub issuer: String,
    /// `PUBLIC_URL`: where people find the site; mailed links lead nowhere else.
    pub public_url: Url,
    /// The keys.
    pub keys: KeyConfig,
    /// `AUTH_SERVICE_KEYS`: the public halves of the services' own keys, a key set whose `kid`s are their names.
    pub service_keys: ServiceKeys,
    /// The passwords.
    pub passwords: PasswordConfig,
    /// The passkeys.
    pub passkeys: PasskeyConfig,
    /// `AUTH_REQUIRE_VERIFIED_EMAIL` (true): whether an address has to be proven before its owner may log in.
    pub require_verified_email: bool,
    /// Where people may sign in beside here.
    pub providers: ProvidersConfig,
    /// How often.
    pub policies: Policies,
    /// What is paid for.
    pub billing: BillingConfig,
    /// `SERVICE_KEY`: what this service signs its receipts by.
    pub service_key: authn::ServiceKey,
    /// `AUTH_ERASURE_GRACE` (0): how long an erasure may be taken back, in hours (`12h`) or days, 30 at the most (`30d`). It
    /// is part of the month in which all has to be erased.
    pub erasure_grace: SignedDuration,
}

/// How tokens are signed.
pub struct KeyConfig {
    /// `AUTH_SIGNING_ALG`: ES256 (the default) or EdDSA. Keys of the other kind are replaced within a day.
    pub algorithm: Algorithm,
    /// `AUTH_KEY_SECRET`: what private keys are sealed with and refresh tokens computed from. 32 characters or more.
    pub secret: SecretString,
}

/// How passwords are judged and hashed.
pub struct PasswordConfig {
    /// `AUTH_PASSWORD_SCHEME`: argon2id (the default) or bcrypt, which refuses more than 72 bytes.
    pub scheme: Scheme,
    /// `AUTH_HASH_PERMITS`: how many hashes are made at once; where it says nothing one fewer than there are cores, so
    /// that a storm of logins leaves one to everything else.
    pub permits: usize,
    /// `AUTH_PASSWORD_COMMON` (true): whether those that everybody tries first are refused.
    /// `AUTH_PASSWORD_CONTEXT` (true): whether those that repeat the account's name or ours are refused.
    pub rules: Rules,
}

/// How payments are heard of, and how patient we are.
pub struct BillingConfig {
    /// `AUTH_STRIPE_WEBHOOK_SECRET`: what Stripe signs its events with, `whsec_…`; several separated by commas while one
    /// replaces another. Without it there is no webhook.
    pub webhook_secrets: Vec<SecretString>,
    /// `AUTH_PREMIUM_PRICES`: the ids of the prices that give PREMIUM, `price_…`, separated by commas; any does where none
    /// is named. `AUTH_PREMIUM_GRACE` (7d): how long it stays when a payment failed, or when the next is not heard of.
    pub offer: Offer,
}

/// Where passkeys work.
pub struct PasskeyConfig {
    /// `AUTH_PASSKEY_RP_ID` (the host of `PUBLIC_URL`): the domain that they belong to. With another one all are lost.
    pub rp_id: String,
    /// `AUTH_PASSKEY_ORIGINS` (`PUBLIC_URL`): the pages that may ask for them, such as `https://app.example.org`,
    /// separated by commas. Each is of that domain or below it.
    pub origins: Vec<Url>,
}

/// How often somebody may do what this service counts itself; the gateway counts by address besides.
#[derive(Clone, Debug)]
pub struct Policies {
    /// `LIMIT_LOGIN` (5/min): logins by one name from one address, and how often one account's password is asked for
    /// again.
    pub login: Policy,
    /// `LIMIT_MAIL` (3/h): mails to one address, and those that one account asks for to others.
    pub mail: Policy,
    /// `LIMIT_ADMIN_MAIL` (20/d): mails that one administrator has sent: invitations and links to set a new password by.
    pub admin_mail: Policy,
    /// `LIMIT_REFRESH` (30/min): refreshes of one session.
    pub refresh: Policy,
}

/// What [`Algorithm`] is called in `AUTH_SIGNING_ALG`.
struct Named(Algorithm);

impl Setting for Named {
    fn parse(text: &str) -> Result<Self, String> {
        Algorithm::named(text).map(Self).ok_or_else(|| "must be ES256 or EdDSA".into())
    }
    fn absent() -> Self {
        Self(Algorithm::Es256)
    }
}

/// A span as a number of days, hours, minutes or seconds: `7d`, `12h`, `30min`, `90s`, `0`.
struct Span(SignedDuration);

const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

impl Setting for Span {
    fn parse(text: &str) -> Result<Self, String> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at_checked(digits).unwrap_or_default();
        if number == "0" && unit.is_empty() {
            return Ok(Self(SignedDuration::ZERO));
        }
        let unit = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, secs)| *secs);
        let secs = number.parse::<i64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
        secs.map(|secs| Self(SignedDuration::from_secs(secs))).ok_or_else(|| "must be a span such as 7d or 12h".into())
    }
    fn absent() -> Self {
        Self(SignedDuration::ZERO)
    }
}

/// What a variable says, which is at most so many days.
fn span(env: &mut Reader, name: &'static str, default: Span, most_days: i64) -> SignedDuration {
    let Span(span) = env.or(name, default);
    if span > SignedDuration::from_hours(most_days * 24) {
        env.problem(format!("{name} must be at most {most_days}d"));
    }
    span
}

impl Config {
    /// Reads it, and notes all that is missing or wrong.
    pub fn read(env: &mut Reader) -> Self {
        let public_url: Url = env.required("PUBLIC_URL");
        Self {
            db: db::Config::read(env),
            amqp_url: env.required("AMQP_URL"),
            redis_url: env.optional("REDIS_URL"),
            cursor_secret: env.required("CURSOR_SECRET"),
            issuer: env.required("AUTH_ISSUER"),
            keys: KeyConfig::read(env),
            service_keys: ServiceKeys::read(env),
            passwords: PasswordConfig::read(env),
            passkeys: PasskeyConfig::read(env, &public_url),
            public_url,
            require_verified_email: env.or("AUTH_REQUIRE_VERIFIED_EMAIL", true),
            providers: ProvidersConfig::read(env),
            policies: Policies {
                login: Policy::read(env, "login", Rate::per_minute(5)),
                mail: Policy::read(env, "mail", Rate::per_hour(3)),
                admin_mail: Policy::read(env, "admin-mail", Rate::per_day(20)),
                refresh: Policy::read(env, "refresh", Rate::per_minute(30)),
            },
            billing: BillingConfig::read(env),
            service_key: authn::ServiceKey::read(env, "auth"),
            erasure_grace: span(env, "AUTH_ERASURE_GRACE", Span::absent(), 30),
        }
    }
}

impl BillingConfig {
    /// Reads it.
    pub fn read(env: &mut Reader) -> Self {
        let webhook_secrets: Vec<SecretString> = env.optional("AUTH_STRIPE_WEBHOOK_SECRET").unwrap_or_default();
        if webhook_secrets.iter().any(|secret| secret.expose_secret().chars().count() < SHORTEST_SECRET) {
            env.problem(format!("AUTH_STRIPE_WEBHOOK_SECRET must have {SHORTEST_SECRET} characters or more"));
        }
        let week = Span(SignedDuration::from_hours(7 * 24));
        let grace = span(env, "AUTH_PREMIUM_GRACE", week, 90);
        Self { webhook_secrets, offer: Offer { prices: env.or("AUTH_PREMIUM_PRICES", Vec::new()), grace } }
    }
}

impl KeyConfig {
    /// Reads it.
    pub fn read(env: &mut Reader) -> Self {
        let Named(algorithm) = env.or("AUTH_SIGNING_ALG", Named(Algorithm::Es256));
        let secret: SecretString = env.required("AUTH_KEY_SECRET");
        let length = secret.expose_secret().chars().count();
        if length > 0 && length < SHORTEST_SECRET {
            env.problem(format!("AUTH_KEY_SECRET must have {SHORTEST_SECRET} characters or more"));
        }
        Self { algorithm, secret }
    }
}

impl PasswordConfig {
    /// Reads it.
    pub fn read(env: &mut Reader) -> Self {
        let scheme = env.or("AUTH_PASSWORD_SCHEME", Scheme::Argon2id);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let permits = env.or("AUTH_HASH_PERMITS", cores.saturating_sub(1).max(1));
        if permits == 0 {
            env.problem("AUTH_HASH_PERMITS must be at least 1".into());
        }
        let frequent = env.or("AUTH_PASSWORD_COMMON", true).then_some(FREQUENT);
        let context = env.or("AUTH_PASSWORD_CONTEXT", true);
        Self { scheme, permits, rules: Rules::new(frequent, context, scheme == Scheme::Bcrypt) }
    }
}

impl PasskeyConfig {
    /// Reads it. What it says of itself is tried out, unless it would follow from a `PUBLIC_URL` that is not there.
    pub fn read(env: &mut Reader, public_url: &Url) -> Self {
        let rp_id = env.or("AUTH_PASSKEY_RP_ID", public_url.host_str().unwrap_or_default().to_owned());
        let origins = env.or("AUTH_PASSKEY_ORIGINS", vec![public_url.clone()]);
        if public_url.has_host()
            && let Err(problem) = RelyingParty::new(&rp_id, &origins)
        {
            env.problem(problem);
        }
        Self { rp_id, origins }
    }
}
