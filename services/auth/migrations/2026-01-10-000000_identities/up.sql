-- Accounts may be entered through providers such as Google: what their owners are known by there. The pair of issuer
-- and subject is somebody for ever; `provider` is only what configuration called the issuer then.
CREATE TABLE identities (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT identities_pkey PRIMARY KEY (id),
    CONSTRAINT identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT identities_issuer_subject_key UNIQUE (issuer, subject)
);
CREATE INDEX identities_user_id_idx ON identities (user_id);

-- Identities that a mailed link is to attach, by the SHA-256 of its secret. `browser_hash` is the digest of what the
-- browser keeps that asked for it: only there the link works, so that nobody is talked into attaching another's.
CREATE TABLE identity_requests (
    token_hash bytea NOT NULL,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    browser_hash bytea NOT NULL,
    CONSTRAINT identity_requests_pkey PRIMARY KEY (token_hash),
    CONSTRAINT identity_requests_token_hash_fkey FOREIGN KEY (token_hash)
        REFERENCES email_tokens (token_hash) ON DELETE CASCADE
);
ALTER TABLE email_tokens
    DROP CONSTRAINT email_tokens_purpose_known,
    ADD CONSTRAINT email_tokens_purpose_known
        CHECK (purpose IN ('verify_email', 'reset_password', 'change_email', 'link_identity'));

-- Journeys to a provider that came back, by the SHA-256 of their `state`: each comes back once.
CREATE TABLE provider_returns (
    state_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT provider_returns_pkey PRIMARY KEY (state_hash)
);
CREATE INDEX provider_returns_expires_at_idx ON provider_returns (expires_at);

-- Codes that an application exchanges for a session, by their SHA-256: one use, one minute, one holder of the verifier.
CREATE TABLE exchange_codes (
    code_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    code_challenge text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT exchange_codes_pkey PRIMARY KEY (code_hash),
    CONSTRAINT exchange_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX exchange_codes_user_id_idx ON exchange_codes (user_id);
CREATE INDEX exchange_codes_expires_at_idx ON exchange_codes (expires_at);
