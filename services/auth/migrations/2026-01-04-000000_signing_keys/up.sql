-- Signing keys: one signs, the next is published a day before it does, retired ones stay while their tokens live.
-- The private half is sealed (AES-256-GCM) with a secret that is not in this database.
CREATE TABLE signing_keys (
    kid text NOT NULL,
    algorithm text NOT NULL,
    state text NOT NULL,
    public_jwk jsonb NOT NULL,
    sealed_private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    activated_at timestamptz,
    retired_at timestamptz,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT signing_keys_algorithm_known CHECK (algorithm IN ('ES256', 'EdDSA')),
    CONSTRAINT signing_keys_state_known CHECK (state IN ('next', 'active', 'retired')),
    CONSTRAINT signing_keys_activated CHECK ((state = 'next') = (activated_at IS NULL)),
    CONSTRAINT signing_keys_retired CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
-- One key signs and one is next, however many processes rotate at once.
CREATE UNIQUE INDEX signing_keys_state_key ON signing_keys (state) WHERE state IN ('next', 'active');
