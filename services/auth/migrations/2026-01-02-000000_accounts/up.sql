-- Accounts: who may log in and by what. What an account shows of itself is users'; `profiles` is a copy of some of it.
-- `email` and `username` are stored folded, so that one spelling exists. Columns for locking are written later.
CREATE TABLE users (
    id uuid NOT NULL,
    email text NOT NULL,
    username text,
    password_hash text,
    locale text NOT NULL,
    roles text[] NOT NULL,
    tier text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    is_verified boolean NOT NULL DEFAULT false,
    failed_login_attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    tokens_not_before timestamptz,
    last_login_at timestamptz,
    contact_version bigint NOT NULL DEFAULT 1,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_username_key UNIQUE (username),
    CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 255),
    CONSTRAINT users_username_form CHECK (username ~ '^[a-z0-9_.]{3,50}$'),
    CONSTRAINT users_locale_known CHECK (locale IN ('fr', 'en')),
    CONSTRAINT users_roles_known CHECK (roles <@ ARRAY['user', 'coach', 'admin'] AND cardinality(roles) > 0),
    CONSTRAINT users_tier_known CHECK (tier IN ('FREE', 'PREMIUM')),
    CONSTRAINT users_failed_login_attempts_positive CHECK (failed_login_attempts >= 0)
);

-- `version` is that of the newest event of users that reached it; 0 is what was given at registration.
CREATE TABLE profiles (
    user_id uuid NOT NULL,
    full_name text,
    profile_picture_url text,
    preferences jsonb,
    version bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    CONSTRAINT profiles_pkey PRIMARY KEY (user_id),
    CONSTRAINT profiles_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Links that were mailed: the SHA-256 of a secret, for one purpose, one address, one use. `password_hash` is what was
-- chosen in the registration that this link belongs to, where the address had been registered before and never proven.
CREATE TABLE email_tokens (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    email text NOT NULL,
    password_hash text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT email_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT email_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT email_tokens_purpose_known CHECK (purpose IN ('verify_email', 'reset_password', 'change_email'))
);
CREATE INDEX email_tokens_user_id_idx ON email_tokens (user_id);
CREATE INDEX email_tokens_expires_at_idx ON email_tokens (expires_at);

-- What happened to an account's safety, for its owner and for us: logins above all. Nobody's name, address or network
-- in clear: `identifier_hmac` and `ip_hmac` are keyed, `ip_prefix` is a /24 or /48.
CREATE TABLE security_events (
    id uuid NOT NULL,
    user_id uuid,
    kind text NOT NULL,
    session_id uuid,
    reason text,
    device text,
    ip_prefix text,
    identifier_hmac text,
    ip_hmac text,
    created_at timestamptz NOT NULL,
    CONSTRAINT security_events_pkey PRIMARY KEY (id),
    CONSTRAINT security_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX security_events_user_id_idx ON security_events (user_id, created_at DESC, id DESC);
CREATE INDEX security_events_created_at_idx ON security_events (created_at);
