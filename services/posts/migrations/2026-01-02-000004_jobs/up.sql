-- When each job last began, so that of several instances one does it and a missed night is made up for.
CREATE TABLE jobs (
    name text NOT NULL,
    begun_at timestamptz NOT NULL,
    CONSTRAINT jobs_pkey PRIMARY KEY (name)
);
