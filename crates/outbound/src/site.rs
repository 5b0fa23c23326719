//! Sites of the public web that others run, such as an OpenID provider: configuration names one address, the site names
//! the rest, and only the first is trusted.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method, Request};
use tokio::time::Instant;
use url::{Host, Url};

use crate::Error;
use crate::call::{failed, read};
use crate::public::is_public;

const DEADLINE: Duration = Duration::from_secs(5);

/// A site that others run. Clones share its connections.
#[derive(Clone)]
pub struct Site(Arc<Shared>);

struct Shared {
    name: String,
    reach: Reach,
    client: Result<Client, String>,
}

/// What is asked of a site.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The whole address.
    pub url: &'a str,
    /// Names and values.
    pub headers: Vec<(&'a str, &'a [u8])>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

/// What a site answered, whatever the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// What the body is said to be.
    pub content_type: Option<String>,
    /// The body, of 1 MiB at most.
    pub body: Vec<u8>,
}

/// Where a site's addresses may lead.
#[derive(Clone, Debug)]
struct Reach {
    /// The host that configuration names. It may be anywhere.
    home: Arc<str>,
    /// Configuration names plain HTTP on this machine: then all of it may be here.
    local: bool,
}

impl Site {
    /// The site `name` whose first address is `home`. Only where that is plain HTTP on this machine may others be.
    pub fn new(name: &str, home: &Url) -> Self {
        let local = home.scheme() == "http" && is_here(home);
        let reach = Reach { home: home.host_str().unwrap_or_default().into(), local };
        let client = client(&reach).map_err(|e| e.to_string());
        Self(Arc::new(Shared { name: name.to_owned(), reach, client }))
    }

    /// Whether an address that the site names may be used at all.
    pub fn may_name(&self, url: &Url) -> bool {
        self.0.reach.allows(url)
    }

    /// Asks once, within 5 s, or less where whoever asked for the current work stops waiting sooner. Nothing of the
    /// current request goes along, and redirects are answers.
    pub async fn ask(&self, question: Question<'_>) -> Result<Reply, Error> {
        let own = Instant::now() + DEADLINE;
        let callers = telemetry::Context::current().and_then(|context| context.deadline);
        let until = callers.map_or(own, |deadline| own.min(deadline.into()));
        let asked = self.request(question);
        let result = match asked {
            Ok(request) => tokio::time::timeout_at(until, self.answered(request)).await.unwrap_or(Err(Error::Timeout)),
            Err(error) => Err(error),
        };
        let outcome = if result.is_ok() { "ok" } else { "failed" };
        metrics::counter!("outbound_calls_total", "peer" => self.0.name.clone(), "outcome" => outcome).increment(1);
        if let Err(error) = &result {
            tracing::debug!(peer = self.0.name.as_str(), %error, "a call to a site gave nothing");
        }
        result
    }

    fn request(&self, question: Question<'_>) -> Result<Request, Error> {
        let url = Url::parse(question.url).map_err(|e| Error::Malformed(e.to_string()))?;
        if !self.0.reach.allows(&url) {
            return Err(Error::Malformed("it names an address that is not called".into()));
        }
        let method = Method::from_bytes(question.method.as_bytes()).map_err(|e| Error::Malformed(e.to_string()))?;
        let mut request = self.client()?.request(method, url);
        for (name, value) in question.headers {
            request = request.header(name, value);
        }
        request.body(question.body).build().map_err(|e| Error::Malformed(e.without_url().to_string()))
    }

    async fn answered(&self, request: Request) -> Result<Reply, Error> {
        let response = self.client()?.execute(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        Ok(Reply { status, content_type, body: read(response).await? })
    }

    fn client(&self) -> Result<&Client, Error> {
        self.0.client.as_ref().map_err(|why| Error::Unreachable(why.clone()))
    }
}

impl Reach {
    /// By its text. A name may still lead elsewhere, which [`Self::may_go`] looks at.
    fn allows(&self, url: &Url) -> bool {
        match url.scheme() {
            "https" => {}
            "http" if self.local && is_here(url) => return true,
            _ => return false,
        }
        let home = url.host_str() == Some(&*self.home);
        match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(v4)) => home || self.may_go("", IpAddr::V4(v4)),
            Some(Host::Ipv6(v6)) => home || self.may_go("", IpAddr::V6(v6)),
            None => false,
        }
    }

    fn may_go(&self, host: &str, address: IpAddr) -> bool {
        host == &*self.home || is_public(address) || self.local && address.to_canonical().is_loopback()
    }
}

/// Resolves names to addresses that may be called, and no others.
struct Resolver(Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fine: Vec<SocketAddr> = found.filter(|found| reach.may_go(name.as_str(), found.ip())).collect();
            if fine.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(fine.into_iter()) as Addrs)
        })
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        None => false,
    }
}

#[expect(clippy::disallowed_methods, reason = "this crate is the owner of HTTP clients")]
fn client(reach: &Reach) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        .no_proxy()
        .no_gzip()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .dns_resolver(Resolver(reach.clone()))
        .user_agent("jolmood")
        .pool_idle_timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_secs(2));
    // What is on this machine needs no certificates, and they weigh some megabytes in each process.
    if reach.local { builder.tls_certs_only([]).build() } else { builder.build() }
}
