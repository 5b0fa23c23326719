//! Hashing and checking one password, on the thread that asks.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
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

/// The memory that a thread makes one hash after another in: pages that are new for each hash would cost an eighth of it.
/// Dropped, it goes back to the system.
#[derive(Debug, Default)]
pub struct Workspace(Vec<Block>);

/// So much is reserved, of which only what a hash needs is ever touched: the GNU allocator takes what is larger than 32 MiB
/// from the system and gives it back at once, but keeps what is smaller (`mallopt(3)`, `M_MMAP_THRESHOLD`).
const RESERVED_BLOCKS: usize = 33 * 1024;
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

impl Workspace {
    /// Whether it holds memory.
    pub fn is_empty(&self) -> bool {
        self.0.capacity() == 0
    }

    /// What argon2id of version 19 makes of a password.
    fn argon2id(&mut self, params: &Params, password: &str, salt: &[u8], out: &mut [u8]) -> Result<(), Failed> {
        let blocks = params.block_count();
        if self.is_empty() {
            self.0.reserve_exact(RESERVED_BLOCKS);
        }
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::new());
        }
        let memory = self.0.get_mut(..blocks).unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, memory).map_err(broken)
    }
}

/// A new hash with a salt of its own.
pub fn hash(scheme: Scheme, password: &str, workspace: &mut Workspace) -> Result<String, Failed> {
    match scheme {
        Scheme::Argon2id => {
            let (params, salt) = (params()?, Salt::generate());
            let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
            workspace.argon2id(&params, password, &salt, &mut out)?;
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params).map_err(broken)?,
                salt: Some(salt),
                hash: Some(Output::new(&out).map_err(broken)?),
            };
            Ok(hash.to_string())
        }
        // Never cut short: what is longer is refused.
        Scheme::Bcrypt if password.len() > BCRYPT_BYTES => Err(Failed::Refused("more than 72 bytes for bcrypt")),
        Scheme::Bcrypt => bcrypt::hash(password, BCRYPT_COST).map_err(broken),
    }
}

/// Whether `password` is the one that `stored` was made from.
pub fn verify(password: &str, stored: &str, workspace: &mut Workspace) -> Result<bool, Failed> {
    if stored.starts_with("$2") {
        if bcrypt_cost(stored).is_none_or(|cost| cost > BCRYPT_COST) {
            return Err(Failed::Refused("bcrypt parameters over the cap"));
        }
        if password.len() > BCRYPT_BYTES {
            return Ok(false);
        }
        return bcrypt::verify(password, stored).map_err(broken);
    }
    let hash = PasswordHash::new(stored).map_err(|_| Failed::Refused("neither argon2id nor bcrypt"))?;
    let params = Params::try_from(&hash).map_err(|_| Failed::Refused("argon2 parameters that are none"))?;
    if hash.algorithm.as_str() != "argon2id" || hash.version != Some(u32::from(Version::V0x13)) {
        return Err(Failed::Refused("another algorithm than argon2id of version 19"));
    }
    if params.m_cost() > MOST_MEMORY_KIB || params.t_cost() > MOST_PASSES || params.p_cost() > MOST_LANES {
        return Err(Failed::Refused("argon2 parameters over the cap"));
    }
    let (Some(salt), Some(output)) = (&hash.salt, &hash.hash) else {
        return Err(Failed::Refused("an argon2 hash without salt or output"));
    };
    let mut out = vec![0; output.len()];
    workspace.argon2id(&params, password, salt, &mut out)?;
    Ok(verify_slices_are_equal(&out, output.as_bytes()).is_ok())
}

/// Whether `stored` is what [`hash`] would make today.
pub fn is_current(scheme: Scheme, stored: &str) -> bool {
    match scheme {
        Scheme::Argon2id => stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")),
        Scheme::Bcrypt => bcrypt_cost(stored) == Some(BCRYPT_COST),
    }
}

fn params() -> Result<Params, Failed> {
    Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> Failed {
    Failed::Broken(error.to_string())
}

/// The cost that a bcrypt hash names: `$2b$12$…`.
fn bcrypt_cost(stored: &str) -> Option<u32> {
    let mut parts = stored.split('$').skip(1);
    let version = parts.next()?;
    matches!(version, "2a" | "2b" | "2y").then(|| parts.next()?.parse().ok())?
}
