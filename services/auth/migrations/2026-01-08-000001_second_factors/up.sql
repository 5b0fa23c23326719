-- A second factor, so that a password that somebody else knows opens nothing by itself. The secret of a TOTP app is
-- sealed by a key that is not in this database; until `confirmed_at` it is a wish that changes nothing. `last_step` is
-- the last thirty seconds whose code was accepted: no code is good twice.
CREATE TABLE totp_factors (
    user_id uuid NOT NULL,
    sealed_secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL,
    CONSTRAINT totp_factors_pkey PRIMARY KEY (user_id),
    CONSTRAINT totp_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX totp_factors_wished_idx ON totp_factors (created_at) WHERE confirmed_at IS NULL;

-- For who lost the app: good once each, kept as keyed digests.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL,
    code_hmac text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hmac),
    CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Logins between the first factor and the second. `account_version` is that of the account when it was proven first:
-- who entered with a password that was changed since does not go on.
CREATE TABLE mfa_challenges (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    account_version bigint NOT NULL,
    amr text[] NOT NULL,
    device_name text,
    tries integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT mfa_challenges_pkey PRIMARY KEY (token_hash),
    CONSTRAINT mfa_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT mfa_challenges_tries_positive CHECK (tries >= 0)
);
CREATE INDEX mfa_challenges_user_id_idx ON mfa_challenges (user_id);
CREATE INDEX mfa_challenges_expires_at_idx ON mfa_challenges (expires_at);
