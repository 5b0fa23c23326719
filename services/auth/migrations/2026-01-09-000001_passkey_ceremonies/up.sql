-- Passkeys that are being made or shown: what a browser was asked, kept here because whoever kept it himself could show it
-- twice. Found by the SHA-256 of a ticket; good once, for one purpose and, where it has one, one account.
CREATE TABLE passkey_ceremonies (
    ticket_hash bytea NOT NULL,
    user_id uuid,
    purpose text NOT NULL,
    state jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT passkey_ceremonies_pkey PRIMARY KEY (ticket_hash),
    CONSTRAINT passkey_ceremonies_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT passkey_ceremonies_purpose_known CHECK (purpose IN ('register', 'login', 'second_factor', 'step_up')),
    CONSTRAINT passkey_ceremonies_owner_known CHECK ((purpose = 'login') = (user_id IS NULL))
);
CREATE INDEX passkey_ceremonies_user_id_idx ON passkey_ceremonies (user_id);
CREATE INDEX passkey_ceremonies_expires_at_idx ON passkey_ceremonies (expires_at);
