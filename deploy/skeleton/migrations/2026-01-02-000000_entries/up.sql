-- What people write here; read by their owner alone.
CREATE TABLE entries (
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT entries_pkey PRIMARY KEY (id)
);
