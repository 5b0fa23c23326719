//! From any spelling of a path to the canonical one, which services answer: `/api/v1/x`, `/api/x` and `/x` are one.

use crate::table::{Place, Table};

/// A path as services know it, and what stands there.
pub(crate) struct Canonical<'t> {
    /// The path; owned where the caller spelled it otherwise.
    pub(crate) path: Option<String>,
    /// What stands there.
    pub(crate) place: &'t Place,
}

/// What stands at `path` in whichever spelling; nothing where nothing does.
pub(crate) fn dialect<'t>(table: &'t Table, path: &str) -> Option<Canonical<'t>> {
    if let Some(place) = table.find(path) {
        return Some(Canonical { path: None, place });
    }
    if path.starts_with("/api/v1/") {
        return None;
    }
    let tail = path.strip_prefix("/api").filter(|tail| tail.starts_with('/')).unwrap_or(path);
    let canonical = format!("/api/v1{tail}");
    let place = table.find(&canonical).filter(|place| place.has_dialects())?;
    Some(Canonical { path: Some(canonical), place })
}
