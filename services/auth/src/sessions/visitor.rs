//! Who is at the other end, as far as a request tells: an address and a device.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use limits::Key;
use server::Refusal;

/// Who is at the other end.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The address, as the gateway saw it.
    pub address: Option<IpAddr>,
    /// The device, as its software names itself: a browser and a system, without versions.
    pub device: Option<String>,
}

/// How long a name of a device may be.
const LONGEST: usize = 100;

/// What browsers call themselves, the pretenders' words last.
const SOFTWARE: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("okhttp", "Android app"),
    ("CFNetwork", "iOS app"),
    ("python", "Python"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Visitor {
    /// The network: a /24, or a /48.
    pub fn network(&self) -> Option<String> {
        Some(match self.address?.to_canonical() {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        })
    }

    /// Who is counted here: an address, or of IPv6 the /64, since its owner has all of them.
    pub fn counted(&self) -> Option<Key> {
        self.address.map(Key::from)
    }

    /// The device, by the name its owner gave it if he did.
    pub fn named(&self, name: Option<&str>) -> String {
        name.or(self.device.as_deref()).unwrap_or("unknown").chars().take(LONGEST).collect()
    }
}

impl FromRequest for Visitor {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        // The gateway alone sets it, to the one address it took for the client's.
        let forwarded = header("x-forwarded-for").and_then(|list| list.split(',').next()?.trim().parse().ok());
        let address = forwarded.or_else(|| request.peer_addr().map(|peer| peer.ip()));
        ready(Ok(Self { address, device: header("user-agent").and_then(device) }))
    }
}

/// The device that a `User-Agent` speaks of.
pub fn device(user_agent: &str) -> Option<String> {
    let among = |known: &[(&str, &'static str)]| {
        known.iter().find(|(word, _)| user_agent.contains(word)).map(|(_, name)| *name)
    };
    match (among(&SOFTWARE), among(&SYSTEMS)) {
        (Some(software), Some(system)) => Some(format!("{software}, {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => {
            let first = user_agent.split(['/', ' ', '(']).next().unwrap_or_default();
            let plain: String = first.chars().filter(char::is_ascii_alphanumeric).take(LONGEST).collect();
            Some(plain).filter(|plain| !plain.is_empty())
        }
    }
}
