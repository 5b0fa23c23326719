//! Time zones by IANA name, from the database this binary carries, so that every machine agrees.

use std::fmt;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A name that no IANA time zone has.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownZone;

/// The zone of an IANA name such as `Europe/Paris`. Names are exact: neither an abbreviation nor another case.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| UnknownZone)?;
    if zone.iana_name() == Some(name) { Ok(zone) } else { Err(UnknownZone) }
}

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an IANA time zone")
    }
}

impl std::error::Error for UnknownZone {}
