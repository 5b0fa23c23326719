-- Sessions: a login until its end, and the family of refresh tokens that carries it on. A token is stored as SHA-256;
-- its successor is computed from `family_salt` and a secret that is not in this database, so a stolen copy opens nothing.
CREATE TABLE sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    client_id text NOT NULL,
    device text NOT NULL,
    ip_prefix text,
    amr text[] NOT NULL,
    family_salt bytea NOT NULL,
    auth_time timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_end_reason_known CHECK (end_reason IN ('logout', 'revoked', 'reuse', 'credential')),
    CONSTRAINT sessions_end_whole CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id, last_seen_at DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_device_idx ON sessions (user_id, device);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    counter integer NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_counter_key UNIQUE (session_id, counter),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_counter_positive CHECK (counter >= 0)
);
CREATE INDEX refresh_tokens_expires_at_idx ON refresh_tokens (expires_at);

-- What every verifier refuses until `expires_at`: kept here so that a restart of anything forgets nothing.
CREATE TABLE revocations (
    id uuid NOT NULL,
    session_id uuid,
    token_id uuid,
    user_id uuid,
    not_before timestamptz,
    revoked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT revocations_pkey PRIMARY KEY (id),
    CONSTRAINT revocations_names_one CHECK (num_nonnulls(session_id, token_id, user_id) = 1),
    CONSTRAINT revocations_user_dated CHECK ((user_id IS NULL) = (not_before IS NULL))
);
CREATE INDEX revocations_expires_at_idx ON revocations (expires_at);
