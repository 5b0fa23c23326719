-- Kittens, each with whom it belongs to.
CREATE TABLE kittens (
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT kittens_pkey PRIMARY KEY (id)
);
