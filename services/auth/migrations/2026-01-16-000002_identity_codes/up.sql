-- Pages of other sites keep no cookie of ours: an owner who links a provider from one gets a code there for whom the provider
-- vouched, by its SHA-256: one use, one minute, one account, one holder of the verifier.
CREATE TABLE identity_codes (
    code_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    code_challenge text NOT NULL,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT identity_codes_pkey PRIMARY KEY (code_hash),
    CONSTRAINT identity_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX identity_codes_user_id_idx ON identity_codes (user_id);
CREATE INDEX identity_codes_expires_at_idx ON identity_codes (expires_at);
