-- What services proved themselves with (RFC 7523), so that nobody proves anything with it again: each is good once, and
-- kept until it has expired.
CREATE TABLE used_assertions (
    service text NOT NULL,
    jti text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT used_assertions_pkey PRIMARY KEY (service, jti)
);
CREATE INDEX used_assertions_expires_at_idx ON used_assertions (expires_at);
