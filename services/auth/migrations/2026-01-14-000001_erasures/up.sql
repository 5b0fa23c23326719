-- Erasures of accounts: what was asked for, whose receipts are in, and who takes part at all. Ids alone, but for the address
-- of the last mail, which is sealed with a secret that is not in this database and destroyed with the end.
CREATE TABLE erasures (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    state text NOT NULL,
    receipt_hash bytea NOT NULL,
    pseudonym text NOT NULL,
    sealed_address bytea,
    is_told boolean NOT NULL,
    was_active boolean NOT NULL,
    locale text NOT NULL,
    requested_by uuid,
    requested_at timestamptz NOT NULL,
    grace_until timestamptz NOT NULL,
    deadline timestamptz NOT NULL,
    begun_at timestamptz,
    stalled_at timestamptz,
    alarmed_at timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    farewell_id uuid,
    CONSTRAINT erasures_pkey PRIMARY KEY (id),
    CONSTRAINT erasures_state_known CHECK (state IN ('REQUESTED', 'RUNNING', 'STALLED', 'COMPLETED', 'CANCELLED')),
    CONSTRAINT erasures_locale_known CHECK (locale IN ('fr', 'en')),
    CONSTRAINT erasures_sealed_while_open CHECK (
        (sealed_address IS NOT NULL) = (state IN ('REQUESTED', 'RUNNING', 'STALLED')))
);
CREATE UNIQUE INDEX erasures_open_key ON erasures (user_id) WHERE state IN ('REQUESTED', 'RUNNING', 'STALLED');
CREATE INDEX erasures_requested_at_idx ON erasures (requested_at DESC, id DESC);
CREATE INDEX erasures_state_idx ON erasures (state, id) WHERE state IN ('REQUESTED', 'RUNNING', 'STALLED');
CREATE INDEX erasures_farewell_id_idx ON erasures (farewell_id) WHERE farewell_id IS NOT NULL;

CREATE TABLE erasure_steps (
    erasure_id uuid NOT NULL,
    service text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    asked_at timestamptz NOT NULL,
    next_at timestamptz,
    receipt jsonb,
    confirmed_at timestamptz,
    CONSTRAINT erasure_steps_pkey PRIMARY KEY (erasure_id, service),
    CONSTRAINT erasure_steps_erasure_id_fkey FOREIGN KEY (erasure_id) REFERENCES erasures (id) ON DELETE CASCADE,
    CONSTRAINT erasure_steps_state_known CHECK (state IN ('ASKED', 'LAST', 'CONFIRMED')),
    CONSTRAINT erasure_steps_confirmed CHECK ((state = 'CONFIRMED') = (receipt IS NOT NULL AND confirmed_at IS NOT NULL))
);

CREATE TABLE gdpr_participants (
    service text NOT NULL,
    announced_at timestamptz NOT NULL,
    CONSTRAINT gdpr_participants_pkey PRIMARY KEY (service)
);
