-- Whom to write to and what was written: copies of contacts and profiles fed by events, and one row per mail.

-- Either half of a contact may come first: auth's address and name, or the profile's language, zone and switches.
CREATE TABLE contacts (
    user_id uuid NOT NULL,
    email text,
    email_verified boolean NOT NULL DEFAULT false,
    username text,
    full_name text,
    locale text,
    contact_version bigint NOT NULL DEFAULT 0,
    language text,
    timezone text,
    by_email boolean NOT NULL DEFAULT true,
    by_push boolean NOT NULL DEFAULT true,
    by_ws boolean NOT NULL DEFAULT true,
    profile_version bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (user_id),
    CONSTRAINT contacts_locale_check CHECK (locale IN ('fr', 'en')),
    CONSTRAINT contacts_language_check CHECK (language IN ('fr', 'en'))
);

-- One mail per dedup_key. `address` is there only where the mail may not go to the contact's, and `params` may hold a
-- secret: both are emptied as soon as the mail is sent or given up; `masked` stays for whoever looks at the list.
-- `attempts` counts claims, so it tells the claim at hand from one whose lease ran out.
CREATE TABLE deliveries (
    id uuid NOT NULL,
    dedup_key text NOT NULL,
    template text NOT NULL,
    user_id uuid,
    address text,
    masked text,
    locale text,
    params jsonb NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    leased_at timestamptz,
    last_error text,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    request_id text,
    CONSTRAINT deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT deliveries_dedup_key_key UNIQUE (dedup_key),
    CONSTRAINT deliveries_dedup_key_length CHECK (char_length(dedup_key) BETWEEN 1 AND 255),
    CONSTRAINT deliveries_locale_check CHECK (locale IN ('fr', 'en')),
    CONSTRAINT deliveries_recipient_check CHECK (user_id IS NOT NULL OR masked IS NOT NULL),
    CONSTRAINT deliveries_state_check CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'expired')),
    CONSTRAINT deliveries_ended_check CHECK ((ended_at IS NULL) = (state IN ('queued', 'sending')))
);

CREATE INDEX deliveries_open_idx ON deliveries (next_at, id) WHERE ended_at IS NULL;
CREATE INDEX deliveries_waiting_idx ON deliveries (user_id) WHERE ended_at IS NULL;
CREATE INDEX deliveries_newest_idx ON deliveries (created_at DESC, id DESC);
CREATE INDEX deliveries_ended_idx ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
