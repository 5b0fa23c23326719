-- Browsers that an account was entered by, so that what strangers do to its name does not keep its owner out. Each
-- keeps a token in a cookie; here is its SHA-256, and the account that it is for.
CREATE TABLE known_devices (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    device text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    CONSTRAINT known_devices_pkey PRIMARY KEY (token_hash),
    CONSTRAINT known_devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX known_devices_user_id_idx ON known_devices (user_id);
CREATE INDEX known_devices_last_seen_at_idx ON known_devices (last_seen_at);
