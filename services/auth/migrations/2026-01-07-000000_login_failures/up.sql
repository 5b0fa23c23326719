-- Passwords that were tried in vain, so that guessing is slowed down: by name and origin, whether the name has an
-- account or not. A name is kept as a keyed digest; an origin is a /24 or /48, `device:` and the digest of a device
-- that the account knows, or `everywhere`. `failed_at` are the failures that still count, the last one last.
CREATE TABLE login_failures (
    identifier_hmac text NOT NULL,
    origin text NOT NULL,
    failed_at timestamptz[] NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT login_failures_pkey PRIMARY KEY (identifier_hmac, origin)
) WITH (fillfactor = 70);
CREATE INDEX login_failures_last_at_idx ON login_failures (last_at);

-- Locks of accounts, to be ended.
CREATE INDEX users_locked_until_idx ON users (locked_until) WHERE locked_until IS NOT NULL;
