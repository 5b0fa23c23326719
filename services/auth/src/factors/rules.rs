//! What codes are: those of an app, six digits for thirty seconds, and recovery codes, eighty random bits each.

use jiff::{SignedDuration, Timestamp};
use totp_rs::{Builder, Secret, Totp};

/// So long an app may be confirmed after its secret was asked for.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// So many bytes a secret has.
pub const SECRET_BYTES: usize = 20;
/// So many bytes a recovery code has.
pub const CODE_BYTES: usize = 10;
/// So many recovery codes an account gets.
pub const CODES: usize = 10;

/// What an app shows beside our codes.
const ISSUER: &str = "Jolmood";
const STEP_SECS: i64 = 30;
/// Steps before and after the one of now whose codes are accepted.
const AROUND: u16 = 1;
/// No process can have accepted a later step than this many behind the one of now: their clocks are hardly apart.
const FURTHEST: i64 = AROUND as i64 + 1;
/// Crockford's base 32, without what is mistaken for something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = CODE_BYTES * 8 / 5;
const GROUP: usize = 4;

/// What somebody shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A code of an app.
    Totp(String),
    /// A recovery code, in its one spelling.
    Recovery(String),
}

/// What a text can be, however it is grouped.
pub fn read(text: &str) -> Option<Shown> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(CODE_LENGTH + 1).collect();
    if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Shown::Totp(plain));
    }
    let spelt: Option<String> = plain.chars().map(spelt).collect();
    spelt.filter(|code| code.len() == CODE_LENGTH).map(Shown::Recovery)
}

/// A recovery code in its one spelling.
pub fn recovery_code(bytes: &[u8; CODE_BYTES]) -> String {
    let bits = bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let sign = |at: usize| ALPHABET.get((bits >> (5 * at) & 31) as usize).copied().map_or('0', char::from);
    (0..CODE_LENGTH).rev().map(sign).collect()
}

/// A recovery code as people read it: in groups of four.
pub fn grouped(code: &str) -> String {
    let mut grouped = String::with_capacity(code.len() + code.len() / GROUP);
    for (at, sign) in code.chars().enumerate() {
        if at > 0 && at % GROUP == 0 {
            grouped.push('-');
        }
        grouped.push(sign);
    }
    grouped
}

/// The step that the code stands for, of those around `now`.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let step = app(secret, "")?.check(code, u64::try_from(now.as_second()).ok()?)?;
    i64::try_from(step).ok()
}

/// Whether the code of `step` was not accepted before, where that of `last` was the last one. A last step that lies
/// further ahead than any that can be accepted at `now` was noted by a clock that has gone back since.
pub fn is_new(step: i64, last: i64, now: Timestamp) -> bool {
    step > last || last > now.as_second() / STEP_SECS + FURTHEST
}

/// The secret as people type it into an app.
pub fn typed(secret: &[u8]) -> String {
    Secret::from(secret).to_base32()
}

/// What an app reads from a picture: the secret, and whose it is.
pub fn uri(secret: &[u8], account: &str) -> Option<String> {
    app(secret, account)?.to_url().ok()
}

/// Whether an app that was asked for at `asked` may be confirmed at `now`.
pub fn may_confirm(asked: Timestamp, now: Timestamp) -> bool {
    let since = now.duration_since(asked);
    !since.is_negative() && since < CONFIRM_WITHIN
}

/// SHA-1, six digits, thirty seconds: what every app can.
fn app(secret: &[u8], account: &str) -> Option<Totp> {
    let app = Builder::new().with_secret(secret).with_skew(AROUND).with_issuer(Some(ISSUER)).with_account_name(account);
    app.build().ok()
}

/// A sign of a recovery code; some are mistaken for others.
fn spelt(sign: char) -> Option<char> {
    let sign = match sign.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        sign => sign,
    };
    ALPHABET.iter().any(|known| char::from(*known) == sign).then_some(sign)
}
