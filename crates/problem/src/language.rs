//! The language of an answer.

use crate::Text;

/// A language that answers can be given in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// French, where the caller names neither.
    #[default]
    Fr,
    /// English.
    En,
}

/// Longer headers than this are not read: nobody's list of languages is.
const LONGEST_HEADER: usize = 512;

impl Language {
    /// The better of the two by an `Accept-Language` header (RFC 9110 §12.5.4); French where it names neither,
    /// and where both are equally welcome the one named first.
    pub fn negotiate(accept_language: Option<&str>) -> Self {
        let Some(header) = accept_language.filter(|header| header.len() <= LONGEST_HEADER) else {
            return Self::default();
        };
        let mut best: Option<(Self, f32)> = None;
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let Some(language) = parts.next().and_then(Self::of_tag) else { continue };
            let quality = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            let Some(quality) = quality.filter(|q: &f32| *q > 0.0 && *q <= 1.0) else { continue };
            if best.is_none_or(|(_, other)| quality > other) {
                best = Some((language, quality));
            }
        }
        best.map_or_else(Self::default, |(language, _)| language)
    }

    /// The language of a tag such as `fr`, `en-GB`, or nothing.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        match primary {
            p if p.eq_ignore_ascii_case("fr") => Some(Self::Fr),
            p if p.eq_ignore_ascii_case("en") => Some(Self::En),
            _ => None,
        }
    }

    /// Its tag: `fr` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// A text in this language.
    pub fn pick(self, text: Text) -> &'static str {
        match self {
            Self::Fr => text.fr,
            Self::En => text.en,
        }
    }
}
