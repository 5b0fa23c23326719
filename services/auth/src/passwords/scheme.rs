//! Hashing and checking one password, on the thread that asks.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use settings::Setting;

use super::rules::BCRYPT_BYTES;

/// How new passwords are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Argon2id with 19 MiB, two passes, one lane: the first choice of OWASP.
    Argon2id,
    /// bcrypt with cost 12, for whoever must.
    Bcrypt,
}

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// A stored hash that would cost more than any of ours, or that nobody here can read.
    #[error("a stored hash is refused: {0}")]
    Refused(&'static str),
    /// The library's own failure.
    #[error("hashing failed: {0}")]
    Broken(String),
}

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const BCRYPT_COST: u32 = 12;

/// The most that a stored hash may ask of us.
const MOST_MEMORY_KIB: u32 = 64 * 1024;
const MOST_PASSES: u32 = 4;
const MOST_LANES: u32 = 4;

impl Setting for Scheme {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "argon2id" => Ok(Self::Argon2id),
            "bcrypt" => Ok(Self::Bcrypt),
            _ => Err("must be argon2id or bcrypt".into()),
        }
    }
    fn absent() -> Self {
        Self::Argon2id
    }
}

/// A new hash with a salt of its own.
pub fn hash(scheme: Scheme, password: &str) -> Result<String, Failed> {
    match scheme {
        Scheme::Argon2id => {
            let hash = argon2()?.hash_password(password.as_bytes());
            Ok(hash.map_err(|e| Failed::Broken(e.to_string()))?.to_string())
        }
        // Never cut short: what is longer is refused.
        Scheme::Bcrypt if password.len() > BCRYPT_BYTES => Err(Failed::Refused("more than 72 bytes for bcrypt")),
        Scheme::Bcrypt => bcrypt::hash(password, BCRYPT_COST).map_err(|e| Failed::Broken(e.to_string())),
    }
}

/// Whether `password` is the one that `stored` was made from.
pub fn verify(password: &str, stored: &str) -> Result<bool, Failed> {
    if stored.starts_with("$2") {
        if bcrypt_cost(stored).is_none_or(|cost| cost > BCRYPT_COST) {
            return Err(Failed::Refused("bcrypt parameters over the cap"));
        }
        if password.len() > BCRYPT_BYTES {
            return Ok(false);
        }
        return bcrypt::verify(password, stored).map_err(|e| Failed::Broken(e.to_string()));
    }
    let hash = PasswordHash::new(stored).map_err(|_| Failed::Refused("neither argon2id nor bcrypt"))?;
    let params = Params::try_from(&hash).map_err(|_| Failed::Refused("argon2 parameters that are none"))?;
    if hash.algorithm.as_str() != "argon2id" || hash.version != Some(u32::from(Version::V0x13)) {
        return Err(Failed::Refused("another algorithm than argon2id of version 19"));
    }
    if params.m_cost() > MOST_MEMORY_KIB || params.t_cost() > MOST_PASSES || params.p_cost() > MOST_LANES {
        return Err(Failed::Refused("argon2 parameters over the cap"));
    }
    Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether `stored` is what [`hash`] would make today.
pub fn is_current(scheme: Scheme, stored: &str) -> bool {
    match scheme {
        Scheme::Argon2id => stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")),
        Scheme::Bcrypt => bcrypt_cost(stored) == Some(BCRYPT_COST),
    }
}

fn argon2() -> Result<Argon2<'static>, Failed> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Failed::Broken(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The cost that a bcrypt hash names: `$2b$12$…`.
fn bcrypt_cost(stored: &str) -> Option<u32> {
    let mut parts = stored.split('$').skip(1);
    let version = parts.next()?;
    matches!(version, "2a" | "2b" | "2y").then(|| parts.next()?.parse().ok())?
}
