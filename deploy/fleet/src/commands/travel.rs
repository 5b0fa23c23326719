//! Shifting the clock of every process at once.

use std::time::Duration;

use clock::{Clock, Shift};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::call::call;
use crate::failure::Failure;
use crate::place::Place;
use crate::record::Record;
use crate::say::say;
use crate::supervisor::block_on;

/// How long a process may take, one that is starting again included.
const HEARD_WITHIN: Duration = Duration::from_secs(20);

/// Writes the shift, tells every process, and is done when each has it.
pub fn to(place: &Place, to: &str) -> Result<(), Failure> {
    let file = place.clock();
    let shift = shift(to, Clock::system().now(), Clock::travelling(file.clone())?.now())?;
    place.make()?;
    shift.write(&file).map_err(Failure::io(format!("writing {}", file.display())))?;
    if Record::read(place).is_some() {
        block_on(tell_all(place, shift))?;
    }
    say(format_args!("it is {} for the fleet", Clock::travelling(file)?.now()));
    Ok(())
}

/// The shift that brings a fleet there, from what time it is and what time the fleet has.
pub fn shift(to: &str, now: Timestamp, fleet: Timestamp) -> Result<Shift, Failure> {
    let wrong =
        || Failure::Said(format!("{to:?} is neither a date and time with its offset, nor +36h, nor -2d, nor now"));
    let there = match to.trim() {
        "now" => return Ok(Shift::default()),
        step if step.starts_with(['+', '-']) => {
            let (sign, span) = step.split_at(1);
            let span: Span = span.parse().map_err(|_| wrong())?;
            let span = if sign == "-" { -span } else { span };
            fleet.to_zoned(TimeZone::UTC).checked_add(span).map_err(|_| wrong())?.timestamp()
        }
        time => {
            let zoned = || time.parse::<Zoned>().map(|zoned| zoned.timestamp());
            time.parse().or_else(|_| zoned()).map_err(|_| wrong())?
        }
    };
    Ok(Shift::from_micros(there.as_microsecond() - now.as_microsecond()))
}

async fn tell_all(place: &Place, shift: Shift) -> Result<(), Failure> {
    let mut told = JoinSet::new();
    for name in Place::names() {
        told.spawn(tell(name, place.internal_port(name), shift));
    }
    let silent: Vec<String> = told.join_all().await.into_iter().filter_map(Result::err).collect();
    if silent.is_empty() { Ok(()) } else { Failure::say(format!("not everybody has the time: {}", silent.join("; "))) }
}

/// Tells one process until it answers the shift.
async fn tell(name: &'static str, port: u16, shift: Shift) -> Result<(), String> {
    let deadline = Instant::now() + HEARD_WITHIN;
    loop {
        let answer = call("POST", port, "/internal/clock").await;
        let heard = answer.as_ref().ok().and_then(|(_, body)| body.get("shift_micros")).and_then(Value::as_i64);
        if heard == Some(shift.as_micros()) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("{name} ({answer:?})"));
        }
        sleep(Duration::from_millis(50)).await;
    }
}
