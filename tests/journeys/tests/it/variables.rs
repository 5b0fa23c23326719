//! What the launcher is told beside what it is always told.

/// Limits that the traffic of these journeys needs; the journeys about limits count to these numbers.
pub const VARIABLES: [(&str, &str); 7] = [
    ("LIMIT_READ", "2000/min"),
    ("LIMIT_WRITE", "100000/min"),
    ("LIMIT_LOGIN", "60/min"),
    ("LIMIT_REFRESH", "60/min"),
    ("LIMIT_POSTS", "100000/h"),
    ("LIMIT_COMMENTS", "100000/h"),
    ("LIMIT_LIKES", "100000/h"),
];
