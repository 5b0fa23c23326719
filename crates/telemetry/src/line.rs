//! One JSON log line being written. Hand-made, because one is written for every request.

use std::cell::RefCell;
use std::fmt;

use clock::Clock;

use crate::Entered;
use crate::lines::Level;
use crate::scrub;

/// A line that grows field by field in a buffer that the thread keeps.
pub(crate) struct Line<'b>(&'b mut Vec<u8>);

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static SECOND: RefCell<Second> = const { RefCell::new(Second { second: i64::MIN, text: String::new() }) };
}

/// The text of the second that this thread wrote last.
struct Second {
    second: i64,
    text: String,
}

/// A kept buffer is not let grow beyond this.
const KEPT_BYTES: usize = 16 * 1024;
/// A longer text is cut: a log line is read by people.
const LONGEST_TEXT: usize = 4 * 1024;

/// Writes one line with `fill` and hands it to `send`, unless this thread is already writing one.
pub(crate) fn write(level: Level, origin: &str, fill: impl FnOnce(&mut Line<'_>), send: impl FnOnce(&[u8])) {
    BUFFER.with(|buffer| {
        let Ok(mut buffer) = buffer.try_borrow_mut() else { return };
        buffer.clear();
        buffer.extend_from_slice(b"{\"timestamp\":\"");
        timestamp(&mut buffer);
        buffer.extend_from_slice(b"\",\"level\":\"");
        buffer.extend_from_slice(level.name().as_bytes());
        buffer.push(b'"');
        buffer.extend_from_slice(origin.as_bytes());
        fill(&mut Line(&mut buffer));
        buffer.extend_from_slice(b"}\n");
        send(&buffer);
        buffer.shrink_to(KEPT_BYTES);
    });
}

/// `service` and `version` as every line of this process has them.
pub(crate) fn origin(service: &str, version: &str) -> String {
    let mut buffer = Vec::new();
    let mut line = Line(&mut buffer);
    line.word("service", service);
    line.word("version", version);
    String::from_utf8(buffer).unwrap_or_default()
}

impl Line<'_> {
    /// A text from anywhere: what looks like a secret or a mail address is hidden, control characters are escaped.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        if scrub::is_secret(name) {
            return self.word(name, scrub::HIDDEN);
        }
        self.name(name);
        self.0.push(b'"');
        let cut = if text.len() > LONGEST_TEXT { text.floor_char_boundary(LONGEST_TEXT) } else { text.len() };
        self.escaped(&scrub::scrubbed(text.get(..cut).unwrap_or_default()));
        if cut < text.len() {
            self.0.extend_from_slice("…".as_bytes());
        }
        self.0.push(b'"');
    }

    /// Whatever can be displayed, as a text.
    pub(crate) fn display(&mut self, name: &str, value: impl fmt::Display) {
        self.text(name, &value.to_string());
    }

    /// A text of our own, which holds nothing to hide.
    pub(crate) fn word(&mut self, name: &str, word: &str) {
        self.name(name);
        self.0.push(b'"');
        self.escaped(word);
        self.0.push(b'"');
    }

    /// A text that needs no look at it: our own words, digits. Under a name of our own.
    pub(crate) fn known(&mut self, name: &'static str, word: &str) {
        for part in [",\"", name, "\":\"", word, "\""] {
            self.0.extend_from_slice(part.as_bytes());
        }
    }

    /// A number, `true` or `false`.
    pub(crate) fn bare(&mut self, name: &str, value: impl fmt::Display) {
        use std::io::Write as _;
        self.name(name);
        // Writing to memory does not fail.
        let _ = write!(self.0, "{value}");
    }

    /// The ids of the request or message being worked on.
    pub(crate) fn context(&mut self, entered: &Entered) {
        self.word("request_id", entered.request_id());
        let mut digits = [0; 32];
        hex(entered.trace().ids().0, &mut digits);
        self.known("trace_id", std::str::from_utf8(&digits).unwrap_or_default());
        if let Some(actor) = entered.actor() {
            self.word("user_id", actor);
        }
    }

    fn name(&mut self, name: &str) {
        self.0.extend_from_slice(b",\"");
        self.escaped(name);
        self.0.extend_from_slice(b"\":");
    }

    fn escaped(&mut self, text: &str) {
        let mut plain = 0;
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            // U+0080 to U+009F are control characters too; in UTF-8 they are C2 80 to C2 9F.
            let wide = *byte == 0xC2 && bytes.get(at + 1).is_some_and(|next| *next < 0xA0);
            if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' && *byte != 0x7F && !wide {
                continue;
            }
            self.0.extend_from_slice(bytes.get(plain..at).unwrap_or_default());
            plain = at + 1 + usize::from(wide);
            match byte {
                b'"' => self.0.extend_from_slice(b"\\\""),
                b'\\' => self.0.extend_from_slice(b"\\\\"),
                b'\n' => self.0.extend_from_slice(b"\\n"),
                b'\r' => self.0.extend_from_slice(b"\\r"),
                b'\t' => self.0.extend_from_slice(b"\\t"),
                _ => {
                    let code = if wide { bytes.get(at + 1).copied().unwrap_or_default() } else { *byte };
                    self.0.extend_from_slice(b"\\u00");
                    self.0.extend([digit(code >> 4), digit(code & 15)]);
                }
            }
        }
        self.0.extend_from_slice(bytes.get(plain..).unwrap_or_default());
    }
}

/// The two hex digits of every byte: several ids are written for each request.
const PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < pairs.len() {
        #[expect(clippy::indexing_slicing, reason = "the loop ends before the array does")]
        {
            pairs[byte] = [digit(byte as u8 >> 4), digit(byte as u8 & 15)];
        }
        byte += 1;
    }
    pairs
};

/// The 32 hex digits of `number`.
pub(crate) fn hex(number: u128, digits: &mut [u8; 32]) {
    let (pairs, _) = digits.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(number.to_be_bytes()) {
        *pair = PAIRS.get(usize::from(byte)).copied().unwrap_or_default();
    }
}

const fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

/// The time of the machine, not the fleet's: a log says when a line was written.
fn timestamp(buffer: &mut Vec<u8>) {
    let now = Clock::system().now();
    SECOND.with_borrow_mut(|last| {
        if last.second != now.as_second() {
            last.second = now.as_second();
            last.text = now.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        }
        buffer.extend_from_slice(last.text.as_bytes());
    });
    let micros = u32::try_from(now.subsec_microsecond()).unwrap_or(0);
    buffer.push(b'.');
    for place in [100_000, 10_000, 1_000, 100, 10, 1] {
        buffer.push(b'0' + (micros / place % 10) as u8);
    }
    buffer.push(b'Z');
}
