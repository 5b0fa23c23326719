//! One form for everything that decides: path, host, sizes, framing. What could be read in two ways is refused.

use http::Uri;
use problem::{Problem, codes};

use super::Noted;
use crate::client::Client;
use crate::codes::{
    BAD_FRAMING, BAD_HOST, BAD_PATH, EXPECTATION_FAILED, HEAD_LIMITS, LONGEST_URL, MISDIRECTED, MOST_FIELDS,
    MOST_HEAD_BYTES,
};

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'t> {
    pub(crate) path: &'t str,
    pub(crate) query: Option<&'t str>,
}

/// The names that the gateway answers to, in lower case, each with or without a port.
#[derive(Debug)]
pub(crate) struct Hosts(Vec<String>);

/// Checks a head whose target is this path and, where it has one, this query.
pub(crate) fn normalise(noted: &Noted<'_>, target: &Target<'_>, hosts: &Hosts, client: &Client) -> Result<(), Problem> {
    fields(noted)?;
    let host = noted.host.filter(|host| noted.hosts == 1 && !host.is_empty());
    let host = host.ok_or_else(|| Problem::new(&BAD_HOST))?;
    if !client.believes(host) {
        if !hosts.answers_to(host) {
            return Err(Problem::new(&MISDIRECTED));
        }
        client.believe(host);
    }
    if target.path.len() + target.query.map_or(0, |query| query.len() + 1) > LONGEST_URL {
        return Err(Problem::new(&codes::URI_TOO_LONG).with("limit", LONGEST_URL));
    }
    if is_plain(target.path) { Ok(()) } else { Err(Problem::new(&BAD_PATH)) }
}

/// Judges the fields that say where the body ends, and how many fields there are.
fn fields(noted: &Noted<'_>) -> Result<(), Problem> {
    if noted.lengths > 1 || noted.odd_coding {
        // Nobody knows where the next request would begin: the connection ends with this answer.
        return Err(Problem::new(&BAD_FRAMING).header("connection", "close"));
    }
    if noted.odd_expectation {
        return Err(Problem::new(&EXPECTATION_FAILED));
    }
    if noted.encoded {
        return Err(Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE)
            .with("expected", "Content-Encoding: identity")
            .header("accept-encoding", "identity"));
    }
    if noted.fields > MOST_FIELDS || noted.bytes > MOST_HEAD_BYTES {
        return Err(Problem::new(&codes::HEADERS_TOO_LARGE).with("limit", HEAD_LIMITS));
    }
    Ok(())
}

/// A target that names a host too is its path alone, where that host is the one that `Host` names.
pub(crate) fn path_only(uri: &mut Uri, noted: &Noted<'_>) -> Result<(), Problem> {
    if uri.scheme().is_none() && uri.authority().is_none() {
        return Ok(());
    }
    let host = noted.host.unwrap_or_default();
    let same = uri.authority().is_some_and(|named| named.as_str().as_bytes().eq_ignore_ascii_case(host));
    let path = uri.path_and_query().filter(|_| same && uri.scheme().is_some());
    *uri = path.map(|path| Uri::from(path.clone())).ok_or_else(|| Problem::new(&BAD_HOST))?;
    Ok(())
}

/// Whether a path is in the one form that is routed: no empty or dot segments, nothing escaped that need not be,
/// nothing that some server takes for a separator.
fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let mut bytes = rest.bytes();
    let mut last = b'/';
    while let Some(byte) = bytes.next() {
        let plain = WORDS.get(usize::from(byte)).is_some_and(|word| *word)
            || match byte {
                b'/' => last != b'/',
                b'.' => last != b'/' || rest_is_word(bytes.clone()),
                b'%' => match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
                    (Some(high), Some(low)) => may_be_escaped(high << 4 | low),
                    _ => false,
                },
                b';' | b'\\' | 0..=0x20 | 0x7f.. => false,
                _ => true,
            };
        if !plain {
            return false;
        }
        last = byte;
    }
    true
}

/// The bytes that nearly all of a path is made of, looked up rather than compared.
const WORDS: [bool; 128] = {
    let mut words = [false; 128];
    let mut byte = 0;
    while byte < words.len() {
        #[expect(clippy::indexing_slicing, reason = "the loop ends before the array does")]
        {
            words[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'-';
        }
        byte += 1;
    }
    words
};

/// Whether a segment that began with a dot goes on as a word (`.well-known`), not as `.` or `..`.
fn rest_is_word(mut rest: impl Iterator<Item = u8>) -> bool {
    rest.next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this byte has a reason to be escaped: it is neither a letter, a digit, a separator nor a control.
fn may_be_escaped(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric()
        || byte.is_ascii_control()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b'\\' | b'%' | b';'))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl Hosts {
    pub(crate) fn new(names: &[String]) -> Self {
        Self(names.iter().map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Whether a `Host` header names one of them; any port will do for a name without one.
    fn answers_to(&self, host: &[u8]) -> bool {
        let Ok(host) = std::str::from_utf8(host) else { return false };
        let host = host.to_ascii_lowercase();
        let bare = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => name,
            _ => host.as_str(),
        };
        self.0.iter().any(|known| *known == host || *known == bare)
    }
}

impl<'t> Target<'t> {
    /// A path with or without a query.
    pub(crate) fn of(target: &'t str) -> Self {
        match target.bytes().position(|byte| byte == b'?') {
            Some(at) => Self { path: target.get(..at).unwrap_or_default(), query: target.get(at + 1..) },
            None => Self { path: target, query: None },
        }
    }
}
