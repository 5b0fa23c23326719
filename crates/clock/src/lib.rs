//! Say what time it is, or pretend to.
//!
//! Every rule that depends on the time takes `now` from a [`Clock`]; nothing else in the fleet may read
//! the system's or the database's clock. A span that was written under one time and read under another
//! is over unless `now` lies inside it ([`is_within`]): so travelling back never blocks anybody for longer
//! than the span itself. Start with [`Clock`].

mod travel;
mod zones;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

pub use travel::{Shift, UnreadableShift};
pub use zones::{UnknownZone, zone};

/// The time as this process is to believe it. Clones share one clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    System,
    /// Microseconds since the epoch, moved only by [`Clock::set`] and [`Clock::advance`].
    Fixed(AtomicI64),
    /// The system's time plus the microseconds last read from a file.
    Travelling {
        file: PathBuf,
        shift_micros: AtomicI64,
    },
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// A clock that stands still at `at` until [`Clock::set`] or [`Clock::advance`] moves it. For tests.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(Source::Fixed(AtomicI64::new(at.as_microsecond()))))
    }

    /// The system's clock, shifted by what `file` says (see [`Shift`]); no file is no shift.
    pub fn travelling(file: PathBuf) -> Result<Self, UnreadableShift> {
        let shift = Shift::read(&file)?;
        let shift_micros = AtomicI64::new(shift.as_micros());
        Ok(Self(Arc::new(Source::Travelling { file, shift_micros })))
    }

    /// The time, in whole microseconds, the finest that PostgreSQL keeps.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System => system_now(0),
            Source::Fixed(at) => from_micros(at.load(Ordering::Relaxed)),
            Source::Travelling { shift_micros, .. } => system_now(shift_micros.load(Ordering::Relaxed)),
        }
    }

    /// How far this clock is from the system's.
    pub fn shift(&self) -> Shift {
        match &*self.0 {
            Source::Travelling { shift_micros, .. } => Shift::from_micros(shift_micros.load(Ordering::Relaxed)),
            _ => Shift::default(),
        }
    }

    /// Reads the shift again from its file, and answers it. A clock that does not travel answers no shift.
    pub fn reload(&self) -> Result<Shift, UnreadableShift> {
        if let Source::Travelling { file, shift_micros } = &*self.0 {
            shift_micros.store(Shift::read(file)?.as_micros(), Ordering::Relaxed);
        }
        Ok(self.shift())
    }

    /// Puts a fixed clock to `at`; any other clock ignores it.
    pub fn set(&self, at: Timestamp) {
        if let Source::Fixed(now) = &*self.0 {
            now.store(at.as_microsecond(), Ordering::Relaxed);
        }
    }

    /// Moves a fixed clock by `by`; any other clock ignores it.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Fixed(now) = &*self.0 {
            now.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }
}

/// Whether `now` lies inside the span of `len` that began at `start`. False before it began as well as after
/// it ended, so what was dated by a clock that has since travelled back no longer holds anyone.
pub fn is_within(now: Timestamp, start: Timestamp, len: SignedDuration) -> bool {
    let since = now.duration_since(start);
    !since.is_negative() && since < len
}

/// Whether something due at `due`, set no more than `longest` ahead, is due at `now`. A date further ahead
/// than that was set by a clock that has since travelled back: it is due.
pub fn is_due(now: Timestamp, due: Timestamp, longest: SignedDuration) -> bool {
    let ahead = due.duration_since(now);
    !ahead.is_positive() || ahead > longest
}

#[expect(clippy::disallowed_methods, reason = "this crate is the owner of the current time")]
fn system_now(shift_micros: i64) -> Timestamp {
    from_micros(Timestamp::now().as_microsecond().saturating_add(shift_micros))
}

fn from_micros(micros: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
    Timestamp::from_microsecond(micros.clamp(first, last)).unwrap_or(Timestamp::UNIX_EPOCH)
}
