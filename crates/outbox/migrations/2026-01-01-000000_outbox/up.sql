-- Ties events to the transactions of this database: what is to be told, and what was already taken in.

-- The last place given to an event of an aggregate. Its row is locked until the emitting transaction ends, so that
-- the places of an aggregate are given, and become visible, in one order without gaps.
CREATE TABLE outbox_sequences (
    aggregate text NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT outbox_sequences_pkey PRIMARY KEY (aggregate)
) WITH (fillfactor = 70);

-- Events of committed transactions. `position` is the order in which they were written, `seq` the place among those
-- of their aggregate, `next_at` when one that the broker refused is tried again.
CREATE TABLE outbox (
    id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    aggregate text NOT NULL,
    seq bigint NOT NULL,
    exchange text NOT NULL,
    type text NOT NULL,
    envelope jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    last_error text,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_seq_check CHECK (seq > 0)
);
CREATE INDEX outbox_waiting_idx ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_refused_idx ON outbox (aggregate) WHERE published_at IS NULL AND next_at IS NOT NULL;

-- Events taken in, each in the transaction of its effect.
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_received_at_idx ON inbox (received_at);

-- The newest place taken in of each subject, for events that carry their subject whole: an older one is skipped.
CREATE TABLE inbox_sequences (
    consumer text NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT inbox_sequences_pkey PRIMARY KEY (consumer, source, type, subject)
) WITH (fillfactor = 70);
