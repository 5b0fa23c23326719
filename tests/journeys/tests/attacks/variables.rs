//! What the launcher is told beside what it is always told.

/// One address of this machine is everybody who is not limited by address, another is a proxy that speaks for others;
/// all other addresses are limited as anybody's is. Where it is not a limit that is looked at, it is out of the way:
/// `LIMIT_LOGIN` stands before the locks, and these are what the checks are about.
pub const VARIABLES: [(&str, &str); 8] = [
    ("LIMIT_EXEMPT_NETWORKS", "127.0.0.1/32"),
    ("TRUSTED_PROXIES", "127.0.0.2/32"),
    ("LIMIT_READ", "1000000/min"),
    ("LIMIT_WRITE", "1000000/min"),
    ("LIMIT_ADMIN", "1000000/min"),
    ("LIMIT_LOGIN", "1000000/min"),
    ("LIMIT_REFRESH", "1000000/min"),
    // Where the device of the tests says that its pages are.
    ("AUTH_PASSKEY_ORIGINS", "http://localhost:8080"),
];
