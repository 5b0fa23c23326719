//! Reading chunks (RFC 9112 §7.1): a service's answer whose length it did not know.

/// How far a chunked body was read.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: State,
    /// What is left of a chunk, or how long a line or the trailers are so far.
    count: u64,
    size: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataEnd,
    TrailerStart,
    Trailer,
    TrailerEnd,
    LastEnd,
    Done,
}

/// Not a chunked body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadChunk;

/// The longest size line, and the longest trailers.
const LINE: u64 = 256;
const TRAILERS: u64 = 8 * 1024;

impl Chunks {
    /// Reads on in `bytes`; hands the pieces of the body to `piece`; answers how many bytes it used, which are all
    /// unless the body ended.
    pub(super) fn read(&mut self, bytes: &[u8], mut piece: impl FnMut(&[u8])) -> Result<usize, BadChunk> {
        let mut used = 0;
        while self.state != State::Done {
            if self.state == State::Data {
                let rest = bytes.get(used..).unwrap_or_default();
                let len = usize::try_from(self.count).unwrap_or(usize::MAX).min(rest.len());
                let Some(data) = rest.get(..len).filter(|data| !data.is_empty()) else { return Ok(used) };
                piece(data);
                used += len;
                self.count -= len as u64;
                if self.count == 0 {
                    self.state = State::DataReturn;
                }
                continue;
            }
            let Some(byte) = bytes.get(used) else { return Ok(used) };
            used += 1;
            self.step(*byte)?;
        }
        Ok(used)
    }

    /// Whether the body is whole.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    fn step(&mut self, byte: u8) -> Result<(), BadChunk> {
        self.count += 1;
        self.state = match (self.state, byte) {
            (State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') if self.count <= 16 => {
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                self.size = (self.size << 4) | u64::from(digit);
                State::Size
            }
            (State::Size, b';') if self.count > 1 => State::Extension,
            (State::Size, b'\r') if self.count > 1 => State::SizeEnd,
            (State::Extension, b'\r') => State::SizeEnd,
            (State::Extension, 0x20..=0x7e | b'\t') if self.count <= LINE => State::Extension,
            (State::SizeEnd, b'\n') if self.size == 0 => self.next(State::TrailerStart, 0),
            (State::SizeEnd, b'\n') => self.next(State::Data, self.size),
            (State::DataReturn, b'\r') => State::DataEnd,
            (State::DataEnd, b'\n') => self.next(State::Size, 0),
            (State::TrailerStart, b'\r') => State::LastEnd,
            (State::LastEnd, b'\n') => State::Done,
            (State::Trailer, b'\r') => State::TrailerEnd,
            (State::TrailerEnd, b'\n') => State::TrailerStart,
            (State::TrailerStart | State::Trailer, 0x20..=0x7e | b'\t' | 0x80..) if self.count <= TRAILERS => {
                State::Trailer
            }
            _ => return Err(BadChunk),
        };
        Ok(())
    }

    fn next(&mut self, state: State, count: u64) -> State {
        (self.count, self.size) = (count, 0);
        state
    }
}
