//! Who is counted.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

/// Who is counted: an account, an address, or whatever a text names. The same in every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(pub(crate) u128);

/// An IPv6 subscriber has at least this much of the address to choose from.
const SUBSCRIBER: u128 = !0 << 64;

impl Key {
    /// A key for anything that can be hashed.
    pub fn of(what: &impl Hash) -> Self {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            what.hash(&mut hasher);
            u128::from(hasher.finish())
        };
        Self(half(0) << 64 | half(1))
    }
}

/// The bytes of an id. What is counted in Redis is not to say whose it is.
impl From<u128> for Key {
    fn from(id: u128) -> Self {
        Self::of(&id)
    }
}

/// An address; of an IPv6 address the /64, since its owner has all of them.
impl From<IpAddr> for Key {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u128::from(v4.to_bits()) << 64 | 0x4444),
            IpAddr::V6(v6) => Self(v6.to_bits() & SUBSCRIBER | 0x6666),
        }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::of(&text)
    }
}

impl From<&String> for Key {
    fn from(text: &String) -> Self {
        Self::of(&text.as_str())
    }
}
