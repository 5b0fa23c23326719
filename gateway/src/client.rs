//! Whoever is at the other end of a connection.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;

/// A client, as far as its connection tells; made once per connection.
pub(crate) struct Client {
    address: IpAddr,
    exempt: bool,
    proxy: bool,
    forwarded_for: HeaderValue,
    mark: String,
    believed: RefCell<Vec<u8>>,
}

/// Which addresses are something else than anybody.
#[derive(Debug)]
pub(crate) struct Networks {
    /// Their `X-Forwarded-For` is believed.
    pub(crate) proxies: Vec<IpNet>,
    /// They are not counted by address.
    pub(crate) exempt: Vec<IpNet>,
}

impl Client {
    /// The client at this address.
    pub(crate) fn new(address: IpAddr, networks: &Networks) -> Self {
        let address = address.to_canonical();
        let within = |list: &[IpNet]| list.iter().any(|network| network.contains(&address));
        Self {
            exempt: within(&networks.exempt),
            proxy: within(&networks.proxies),
            forwarded_for: HeaderValue::try_from(address.to_string()).unwrap_or(HeaderValue::from_static("unknown")),
            mark: telemetry::ip_hmac(address),
            believed: RefCell::default(),
            address,
        }
    }

    /// Who asks: this client, or where it is a trusted proxy the last address it names that is not one.
    pub(crate) fn asking(self: &Rc<Self>, request: &HeaderMap, networks: &Networks) -> Rc<Self> {
        if !self.proxy {
            return Rc::clone(self);
        }
        let named = request.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let chain: Vec<IpAddr> = named
            .flat_map(|value| value.split(','))
            .map_while(|address| address.trim().parse::<IpAddr>().ok())
            .map(|address| address.to_canonical())
            .collect();
        let trusted = |address: &IpAddr| networks.proxies.iter().any(|network| network.contains(address));
        match chain.into_iter().rev().find(|address| !trusted(address)) {
            Some(address) => Rc::new(Self::new(address, networks)),
            None => Rc::clone(self),
        }
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether it is not counted by address.
    pub(crate) fn is_exempt(&self) -> bool {
        self.exempt
    }

    /// Its address as services read it.
    pub(crate) fn forwarded_for(&self) -> &HeaderValue {
        &self.forwarded_for
    }

    /// Whether it speaks for others.
    pub(crate) fn is_proxy(&self) -> bool {
        self.proxy
    }

    /// What stands for its address in today's log.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// Whether this `Host` was the last that passed on this connection.
    pub(crate) fn believes(&self, host: &[u8]) -> bool {
        *self.believed.borrow() == host
    }

    /// Remembers a `Host` that passed.
    pub(crate) fn believe(&self, host: &[u8]) {
        *self.believed.borrow_mut() = host.to_vec();
    }
}
