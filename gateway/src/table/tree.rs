//! From a path to what stands there: a tree of segments, literal before any.

use http::{HeaderValue, Method};

use super::{BadTable, Route};

/// One segment's worth of the table.
#[derive(Debug, Default)]
pub(super) struct Node {
    literals: Vec<(Box<str>, Node)>,
    any: Option<Box<Node>>,
    place: Option<Place>,
}

/// Something that stands at a path: the routes by method.
#[derive(Debug)]
pub(crate) struct Place {
    routes: Vec<(Method, usize)>,
    allow: String,
    allow_header: Option<HeaderValue>,
    dialects: bool,
}

impl Node {
    pub(super) fn add(&mut self, route: &Route, index: usize) -> Result<(), BadTable> {
        let mut node = self;
        for segment in segments(&route.pattern) {
            node = if segment.starts_with('{') { node.any.get_or_insert_default() } else { node.literal(segment) };
        }
        let place = node.place.get_or_insert_with(|| Place {
            routes: Vec::new(),
            allow: String::new(),
            allow_header: None,
            dialects: route.has_dialects(),
        });
        if place.routes.iter().any(|(method, _)| *method == route.method) {
            return Err(BadTable(format!("{} {} is there twice", route.method, route.pattern)));
        }
        // An alias that shares its path with a route of its own right is spelt as that is.
        place.dialects |= route.has_dialects();
        place.routes.push((route.method.clone(), index));
        Ok(())
    }

    /// Computes what each place answers to a wrong method.
    pub(super) fn seal(&mut self) {
        if let Some(place) = &mut self.place {
            let mut methods: Vec<&str> = place.routes.iter().map(|(method, _)| method.as_str()).collect();
            if methods.contains(&"GET") {
                methods.push("HEAD");
            }
            methods.push("OPTIONS");
            methods.sort_unstable();
            place.allow = methods.join(", ");
            place.allow_header = HeaderValue::from_str(&place.allow).ok();
        }
        self.literals.iter_mut().for_each(|(_, node)| node.seal());
        if let Some(any) = &mut self.any {
            any.seal();
        }
    }

    pub(super) fn find(&self, path: &str) -> Option<&Place> {
        self.walk(path.strip_prefix('/')?)
    }

    fn walk(&self, rest: &str) -> Option<&Place> {
        let (segment, rest) = match rest.bytes().position(|byte| byte == b'/') {
            Some(at) => (rest.get(..at)?, rest.get(at + 1..)),
            None => (rest, None),
        };
        if segment.is_empty() {
            return None;
        }
        let literal = self.literals.iter().find(|(name, _)| **name == *segment).map(|(_, node)| node);
        for node in [literal, self.any.as_deref()].into_iter().flatten() {
            let found = match rest {
                Some(rest) => node.walk(rest),
                None => node.place.as_ref(),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn literal(&mut self, segment: &str) -> &mut Self {
        let at = self.literals.iter().position(|(name, _)| **name == *segment).unwrap_or_else(|| {
            self.literals.push((segment.into(), Self::default()));
            self.literals.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just above")]
        &mut self.literals[at].1
    }
}

impl Place {
    /// The route for this method. A GET answers HEAD too.
    pub(crate) fn route(&self, method: &Method) -> Option<usize> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.routes.iter().find(|(known, _)| known == method).map(|(_, index)| *index)
    }

    /// The methods that work here, as `Allow` says it.
    pub(crate) fn allow(&self) -> &str {
        &self.allow
    }

    /// The same as a header.
    pub(crate) fn allow_header(&self) -> Option<HeaderValue> {
        self.allow_header.clone()
    }

    /// Whether it is answered in the other spellings too.
    pub(crate) fn has_dialects(&self) -> bool {
        self.dialects
    }
}

fn segments(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.trim_start_matches('/').split('/')
}
