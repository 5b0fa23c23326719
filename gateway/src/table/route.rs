//! One line of the table, as written and as used.

use std::time::Duration;

use http::Method;
use serde::Deserialize;

use super::BadTable;

/// The name under which the gateway answers itself.
pub(crate) const OURSELVES: &str = "gateway";
/// Everything that has further spellings begins so.
pub(crate) const CANONICAL: &str = "/api/v1/";

const DEFAULT_BODY: u64 = 64 * 1024;
const DEFAULT_DEADLINE: u64 = 10;
const LONGEST_DEADLINE: u64 = 300;

/// A line as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) on: String,
    pub(super) to: String,
    who: Who,
    page: Option<Page>,
    limit: Option<Class>,
    body: Option<String>,
    deadline: Option<u64>,
    lane: Option<Lane>,
    pub(super) alias_of: Option<String>,
    upgrade: Option<Upgrade>,
}

/// A way in.
#[derive(Debug)]
pub(crate) struct Route {
    /// The method that the service is called with.
    pub(crate) method: Method,
    /// Its pattern, which is also its name in logs and metrics.
    pub(crate) pattern: String,
    /// Who answers.
    pub(crate) target: Target,
    /// Who may enter.
    pub(crate) who: Who,
    /// What a call counts against.
    pub(crate) limit: Class,
    /// The most that a request may carry, in bytes.
    pub(crate) body_cap: u64,
    /// When the gateway gives up.
    pub(crate) deadline: Duration,
    /// Whether it is never turned away because others are many.
    pub(crate) reserved: bool,
    /// Whether a WebSocket may come of it.
    pub(crate) upgrade: bool,
    /// The canonical path that this one stands for.
    pub(crate) alias_of: Option<String>,
}

/// Who answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The service with this index.
    Service(usize),
    /// The gateway.
    Page(Page),
}

/// Who may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Who {
    /// Everybody; a token is not looked at.
    Open,
    /// Everybody; a token, where there is one, must be good.
    Any,
    /// Whoever is signed in.
    User,
    /// A coach or an admin.
    Coach,
    /// An admin.
    Admin,
}

/// What a call counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    /// Nothing.
    None,
    /// The address.
    Anon,
    /// The account, or the address where there is none.
    Read,
    /// The account, or the address where there is none.
    Write,
    /// The account.
    Admin,
    /// The address, for sign-ins.
    Login,
    /// The address, for new accounts.
    Register,
    /// The address, for what sends a mail.
    Mail,
    /// The address, for refreshed tokens.
    Refresh,
    /// The address, for what other systems tell us.
    Webhook,
}

/// What the gateway answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    /// The health of the fleet.
    Health,
    /// Whether this process lives.
    Live,
    /// Whether this process takes requests.
    Ready,
    /// The merged description of the API.
    Openapi,
    /// Swagger UI.
    Docs,
    /// What a kind of refusal means.
    Problem,
    /// Whom to tell about a hole.
    SecurityTxt,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Lane {
    Reserved,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Upgrade {
    Websocket,
}

impl Route {
    pub(super) fn read(line: &Line, services: &[&str]) -> Result<Self, BadTable> {
        let wrong = |what: &str| BadTable(format!("{}: {what}", line.on));
        let (method, pattern) = line.on.split_once(' ').ok_or_else(|| wrong("must be a method and a path"))?;
        let method = known_method(method).ok_or_else(|| wrong("no such method"))?;
        if !is_pattern(pattern) {
            return Err(wrong("the path must begin with / and have no empty segment"));
        }
        let target = match (line.page, line.to.as_str()) {
            (Some(page), OURSELVES) => Target::Page(page),
            (None, OURSELVES) => return Err(wrong("the gateway answers pages only: say which")),
            (Some(_), _) => return Err(wrong("only the gateway has pages")),
            (None, name) => Target::Service(
                services
                    .iter()
                    .position(|known| *known == name)
                    .ok_or_else(|| wrong("no such service is configured"))?,
            ),
        };
        let body_cap = match &line.body {
            Some(text) => bytes(text).ok_or_else(|| wrong("body must be a size such as 64KiB or 1MiB"))?,
            None => DEFAULT_BODY,
        };
        let deadline = line.deadline.unwrap_or(DEFAULT_DEADLINE);
        if !(1..=LONGEST_DEADLINE).contains(&deadline) {
            return Err(wrong("deadline must be 1 to 300 seconds"));
        }
        if line.alias_of.is_some() && pattern.contains('{') {
            return Err(wrong("an alias has no {segments} of its own"));
        }
        let alias_of = line.alias_of.as_deref().map(|canonical| {
            canonical.split_once(' ').filter(|(named, _)| *named == method.as_str()).map(|(_, path)| path.to_owned())
        });
        let alias_of =
            alias_of.map(|path| path.ok_or_else(|| wrong("alias_of must have the same method"))).transpose()?;
        Ok(Self {
            limit: line.limit.unwrap_or_else(|| usual_limit(line.who, &method)),
            pattern: pattern.to_owned(),
            target,
            who: line.who,
            body_cap,
            deadline: Duration::from_secs(deadline),
            reserved: line.lane.is_some(),
            upgrade: line.upgrade.is_some(),
            alias_of,
            method,
        })
    }

    /// Whether this path is also answered without `/v1` and without `/api/v1`.
    pub(crate) fn has_dialects(&self) -> bool {
        self.alias_of.is_none() && self.pattern.starts_with(CANONICAL)
    }
}

fn usual_limit(who: Who, method: &Method) -> Class {
    match who {
        Who::Admin => Class::Admin,
        Who::Open => Class::Anon,
        _ if *method == Method::GET => Class::Read,
        _ => Class::Write,
    }
}

fn known_method(name: &str) -> Option<Method> {
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE].into_iter().find(|m| m.as_str() == name)
}

fn is_pattern(pattern: &str) -> bool {
    pattern.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|segment| {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(segment);
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        })
    })
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit).filter(|size| *size <= 1 << 30)
}
