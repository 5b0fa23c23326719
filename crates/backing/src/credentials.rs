//! The passwords of the private servers.
//!
//! One random key is kept per folder, readable by its owner alone; every password is derived from it, so nothing is
//! written when a database is added, and starts that run at the same time agree.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::hmac;

use crate::Error;

const NAME: &str = "secret";

pub(crate) struct Credentials {
    key: hmac::Key,
}

impl Credentials {
    /// The folder's credentials, drawn at the first call.
    pub fn kept(root: &Path) -> Result<Self, Error> {
        let file = root.join(NAME);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                draw(root)?;
                fs::read_to_string(&file).map_err(Error::io("reading", &file))?
            }
            Err(error) => return Err(Error::io("reading", &file)(error)),
        };
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, text.trim().as_bytes()) })
    }

    /// The password for one purpose: letters and digits only, so that it needs no escaping anywhere.
    pub fn password(&self, purpose: &str) -> String {
        let mut text = hex::encode(hmac::sign(&self.key, purpose.as_bytes()));
        text.truncate(40);
        text
    }
}

/// Puts a new key in place unless another start was faster: a link is made whole or not at all.
fn draw(root: &Path) -> Result<(), Error> {
    let mut random = [0; 32];
    let mut suffix = [0; 8];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| Error::NoRandom)?;
    aws_lc_rs::rand::fill(&mut suffix).map_err(|_| Error::NoRandom)?;
    let fresh = root.join(format!(".{NAME}.{}", hex::encode(suffix)));
    let file = root.join(NAME);
    let linked = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut open| {
            open.write_all(hex::encode(random).as_bytes())?;
            open.sync_all()
        })
        .and_then(|()| fs::hard_link(&fresh, &file));
    fs::remove_file(&fresh).ok();
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(Error::io("writing", &file)(error)),
        _ => Ok(()),
    }
}
