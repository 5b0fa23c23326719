//! Who is calling. A bad token is refused even where none is needed.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use authn::Identity;
use contracts::{Role, UserId};
use problem::{Problem, codes};
use telemetry::Context;

use crate::Refusal;
use crate::edge::Edge;

/// Somebody who is signed in; else 401.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub id: UserId,
    /// All that the token says.
    pub identity: Arc<Identity>,
}

/// Somebody who may be signed in.
#[derive(Clone, Debug)]
pub struct MaybeCaller(pub Option<Caller>);

/// An administrator; anybody else who is signed in gets 403.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The account.
    pub id: UserId,
    /// All that the token says.
    pub identity: Arc<Identity>,
}

/// An administrator whose session was opened with a second factor; without one 401, which says so. Anybody else who is
/// signed in gets 403.
#[derive(Clone, Debug)]
pub struct SecureAdmin {
    /// The account.
    pub id: UserId,
    /// All that the token says.
    pub identity: Arc<Identity>,
}

/// A [`SecureAdmin`] who proved who he is within the last ten minutes; else 401, as for a step-up.
#[derive(Clone, Debug)]
pub struct RecentAdmin {
    /// The account.
    pub id: UserId,
    /// All that the token says.
    pub identity: Arc<Identity>,
}

/// A coach, or an administrator; anybody else who is signed in gets 403.
#[derive(Clone, Debug)]
pub struct Coach {
    /// The account.
    pub id: UserId,
    /// All that the token says.
    pub identity: Arc<Identity>,
}

/// Another service, by a service token that is for this one. Whoever is signed in with an account gets 403, and
/// anybody else 401.
#[derive(Clone, Debug)]
pub struct ServiceCaller {
    /// Its name.
    pub service: String,
    /// What its token allows.
    pub scope: String,
}

/// The caller's verified token itself, to call another service in the caller's name.
#[derive(Clone)]
pub struct Bearer(pub String);

impl MaybeCaller {
    /// The account, of somebody who is signed in.
    pub fn id(&self) -> Option<UserId> {
        self.0.as_ref().map(|caller| caller.id)
    }
}

/// The token that the request carries, if it tries to.
fn token(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(authorization) = request.headers().get("authorization") else { return Ok(None) };
    let parts = std::str::from_utf8(authorization.as_bytes()).ok().and_then(|text| text.split_once(' '));
    match parts {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(authn::missing()),
    }
}

fn caller(request: &HttpRequest) -> Result<Option<Caller>, Problem> {
    let Some(token) = token(request)? else { return Ok(None) };
    let edge = Edge::of(request)?;
    let identity = edge.verifier.verify(token, edge.clock.now())?;
    Context::set_actor(identity.user);
    Ok(Some(Caller { id: identity.user, identity }))
}

fn signed_in(request: &HttpRequest) -> Result<Caller, Problem> {
    caller(request)?.ok_or_else(authn::missing)
}

fn with_role(request: &HttpRequest, roles: &[Role]) -> Result<Caller, Problem> {
    let caller = signed_in(request)?;
    let may = roles.iter().any(|role| caller.identity.roles.has(*role));
    if may { Ok(caller) } else { Err(Problem::new(&codes::FORBIDDEN)) }
}

fn service(request: &HttpRequest) -> Result<ServiceCaller, Problem> {
    let token = token(request)?.ok_or_else(authn::missing)?;
    let edge = Edge::of(request)?;
    let now = edge.clock.now();
    match edge.verifier.verify_service(token, edge.name, now) {
        Ok(identity) => Ok(ServiceCaller { service: identity.service, scope: identity.scope }),
        // An account's token is good, but not for this.
        Err(_) if edge.verifier.verify(token, now).is_ok() => Err(Problem::new(&codes::FORBIDDEN)),
        Err(refusal) => Err(refusal),
    }
}

/// With a second factor; the role comes first, so that nobody proves himself in vain.
fn secure_admin(request: &HttpRequest) -> Result<Caller, Problem> {
    let admin = with_role(request, &[Role::Admin])?;
    if admin.identity.has_second_factor() { Ok(admin) } else { Err(authn::second_factor()) }
}

fn recent_admin(request: &HttpRequest) -> Result<Caller, Problem> {
    let admin = secure_admin(request)?;
    let now = Edge::of(request)?.clock.now();
    if admin.identity.is_recent(now) { Ok(admin) } else { Err(authn::step_up()) }
}

macro_rules! extractor {
    ($name:ident, $request:ident => $extract:expr) => {
        impl FromRequest for $name {
            type Error = Refusal;
            type Future = Ready<Result<Self, Refusal>>;

            fn from_request($request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready($extract.map_err(Refusal))
            }
        }
    };
}

extractor!(Caller, request => signed_in(request));
extractor!(MaybeCaller, request => caller(request).map(MaybeCaller));
extractor!(Admin, request => with_role(request, &[Role::Admin]).map(|Caller { id, identity }| Self { id, identity }));
extractor!(SecureAdmin, request => secure_admin(request).map(|Caller { id, identity }| Self { id, identity }));
extractor!(RecentAdmin, request => recent_admin(request).map(|Caller { id, identity }| Self { id, identity }));
extractor!(Coach, request => with_role(request, &[Role::Coach, Role::Admin]).map(|Caller { id, identity }| Self { id, identity }));
extractor!(ServiceCaller, request => service(request));
extractor!(Bearer, request => signed_in(request).and_then(|_| {
    token(request)?.map(|token| Self(token.to_owned())).ok_or_else(authn::missing)
}));

impl Bearer {
    /// The token, for the `Authorization` of a further call.
    pub fn token(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer([hidden])")
    }
}
