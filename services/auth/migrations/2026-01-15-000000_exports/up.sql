-- Exports: what all services hold about a person, asked for by that person. `next_at` is when there is something to do
-- about it: to ask again, to give up, to end the link, to delete what is left; nothing once all of it is done.
CREATE TABLE exports (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    state text NOT NULL,
    asked integer NOT NULL,
    next_at timestamptz,
    requested_at timestamptz NOT NULL,
    ready_at timestamptz,
    expires_at timestamptz,
    CONSTRAINT exports_pkey PRIMARY KEY (id),
    CONSTRAINT exports_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT exports_state_known CHECK (state IN ('PREPARING', 'READY', 'EXPIRED', 'FAILED')),
    CONSTRAINT exports_ready_whole CHECK ((ready_at IS NULL) = (state IN ('PREPARING', 'FAILED'))),
    CONSTRAINT exports_expires_whole CHECK ((ready_at IS NULL) = (expires_at IS NULL))
);
CREATE UNIQUE INDEX exports_preparing_key ON exports (user_id) WHERE state = 'PREPARING';
CREATE INDEX exports_user_id_idx ON exports (user_id, requested_at DESC);
CREATE INDEX exports_next_at_idx ON exports (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX exports_requested_at_idx ON exports (requested_at);

-- The services whose parts are awaited: those that there were when it was asked for. `asked` is which of the times that
-- they were asked the chunks at hand answer, `total` how many there will be, known with the last.
CREATE TABLE export_services (
    export_id uuid NOT NULL,
    service text NOT NULL,
    state text NOT NULL DEFAULT 'WAITING',
    asked integer NOT NULL DEFAULT 1,
    received integer NOT NULL DEFAULT 0,
    total integer,
    CONSTRAINT export_services_pkey PRIMARY KEY (export_id, service),
    CONSTRAINT export_services_export_id_fkey FOREIGN KEY (export_id) REFERENCES exports (id) ON DELETE CASCADE,
    CONSTRAINT export_services_state_known CHECK (state IN ('WAITING', 'READY'))
);

-- What they sent, chunk by chunk; deleted with the link.
CREATE TABLE export_parts (
    export_id uuid NOT NULL,
    service text NOT NULL,
    number integer NOT NULL,
    file text NOT NULL,
    content text NOT NULL,
    CONSTRAINT export_parts_pkey PRIMARY KEY (export_id, service, number),
    CONSTRAINT export_parts_service_fkey FOREIGN KEY (export_id, service) REFERENCES export_services (export_id, service)
        ON DELETE CASCADE,
    CONSTRAINT export_parts_number_positive CHECK (number >= 0)
);
