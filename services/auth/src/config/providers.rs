//! Which providers of identities there are, and where people may be sent back to.

use settings::{Reader, SecretString};
use url::{Host, Url};

/// Needs no address of its own in configuration.
const GOOGLE: &str = "google";
const GOOGLES_ISSUER: &str = "https://accounts.google.com";
/// What is asked for where configuration asks for nothing else.
const SCOPES: &str = "openid email profile";
/// Names that stand for something else in our paths.
const RESERVED: [&str; 1] = ["exchange"];

/// Where people may sign in beside here. Nowhere, unless configuration says so.
#[derive(Clone, Debug, Default)]
pub struct ProvidersConfig {
    /// `AUTH_PROVIDERS`: their names in our paths, such as `google,acme`.
    pub all: Vec<ProviderConfig>,
    /// `AUTH_REDIRECT_URIS`: where applications may have people sent back to, each as it is written there and not
    /// otherwise.
    pub redirect_uris: Vec<String>,
}

/// An OpenID provider. For the name `acme` the variables begin with `AUTH_PROVIDER_ACME`.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Its name in our paths: small letters, digits and hyphens.
    pub name: String,
    /// `…_NAME`: what people call it.
    pub title: String,
    /// `…_ISSUER`: its address, as its tokens say it. Google's need not be said.
    pub issuer: String,
    /// `…_CLIENT_ID`: what we are called there.
    pub client_id: String,
    /// `…_CLIENT_SECRET`, or a file by `…_CLIENT_SECRET_FILE`.
    pub client_secret: SecretString,
    /// `…_SCOPES` (openid email profile): what is asked for.
    pub scopes: Vec<String>,
}

impl ProvidersConfig {
    /// Reads them all.
    pub fn read(env: &mut Reader) -> Self {
        let names: Vec<String> = env.or("AUTH_PROVIDERS", Vec::new());
        let mut all: Vec<ProviderConfig> = Vec::new();
        for name in names {
            if !is_name(&name) {
                env.problem("AUTH_PROVIDERS must be names of small letters, digits and hyphens".into());
            } else if all.iter().any(|known| known.name == name) {
                env.problem(format!("AUTH_PROVIDERS names {name} twice"));
            } else {
                all.push(ProviderConfig::read(env, name));
            }
        }
        let redirect_uris: Vec<String> = env.or("AUTH_REDIRECT_URIS", Vec::new());
        if !redirect_uris.iter().all(|uri| is_destination(uri)) {
            env.problem("AUTH_REDIRECT_URIS must be https addresses without #, or those of applications here".into());
        }
        Self { all, redirect_uris }
    }
}

impl ProviderConfig {
    fn read(env: &mut Reader, name: String) -> Self {
        let prefix = format!("AUTH_PROVIDER_{}", name.to_ascii_uppercase().replace('-', "_"));
        let of = |what: &str| format!("{prefix}_{what}");
        let issuer = of("ISSUER");
        let issuer_text: String =
            if name == GOOGLE { env.or(&issuer, GOOGLES_ISSUER.into()) } else { env.required(&issuer) };
        if !issuer_text.is_empty() && !is_issuer(&issuer_text) {
            env.problem(format!("{issuer} must be an https address, or one of this machine"));
        }
        let scopes: String = env.or(&of("SCOPES"), SCOPES.into());
        Self {
            title: env.or(&of("NAME"), titled(&name)),
            issuer: issuer_text,
            client_id: env.required(&of("CLIENT_ID")),
            client_secret: env.required(&of("CLIENT_SECRET")),
            scopes: scopes.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
            name,
        }
    }
}

fn is_name(name: &str) -> bool {
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=30).contains(&name.len()) && name.bytes().all(fine) && !RESERVED.contains(&name)
}

/// `acme` is Acme to people, where nothing else is said.
fn titled(name: &str) -> String {
    let mut signs = name.chars();
    signs.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(signs).collect()
}

fn is_issuer(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        url.query().is_none() && url.fragment().is_none() && (url.scheme() == "https" || is_plain_here(&url))
    })
}

/// An application has a site, a port on its owner's machine, or a scheme that is the reverse of its domain (RFC 8252).
fn is_destination(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        url.fragment().is_none() && (url.scheme() == "https" || url.scheme().contains('.') || is_plain_here(&url))
    })
}

fn is_plain_here(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && here
}
