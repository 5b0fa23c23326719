//! What an operator does from the command line, beside a running service or without one.

use clock::Clock;
use db::Db;
use server::Error;
use settings::{ExposeSecret, Reader, SecretString};

use crate::accounts::appoint::{self, Appointed, Passwords, Refused};
use crate::config::{KeyConfig, PasswordConfig};
use crate::keys::rotate::Rotation;
use crate::secrets::Secrets;

/// Makes the account of `email` an administrator's: a new one whose address is taken as proven, or one that is there.
/// [`Refused::PasswordNeeded`] says that a password has to be asked for. Reads `DATABASE_URL` and the settings of
/// passwords.
pub async fn appoint_admin(
    env: Reader,
    clock: Clock,
    email: &str,
    password: Option<&SecretString>,
) -> Result<Appointed, Refused> {
    let read = env.load(|env| (db::Config::read(env), PasswordConfig::read(env)));
    let (database, passwords) = read.map_err(Refused::Configuration)?;
    let db = Db::open(&database, clock).await?;
    let passwords = Passwords { rules: &passwords.rules, scheme: passwords.scheme };
    appoint::appoint(&db, &passwords, email, password.map(|password| password.expose_secret())).await
}

/// Lets the next signing key sign now, not by the clock; a `compromised` one is forgotten at once, and with it all
/// access tokens that it signed. Answers the id of the key that signs. Reads `DATABASE_URL` and the settings of keys.
pub async fn rotate_keys(env: Reader, clock: Clock, compromised: bool) -> Result<String, Error> {
    let (database, keys) = env.load(|env| (db::Config::read(env), KeyConfig::read(env)))?;
    let db = Db::open(&database, clock).await?;
    let rotation = Rotation { db, secrets: Secrets::new(&keys.secret), algorithm: keys.algorithm };
    Ok(rotation.now(compromised).await?)
}
