-- Administrators close accounts, and say why; they end sessions, and find one account among many by how it begins.
CREATE TABLE deactivations (
    user_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    reason_code text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT deactivations_pkey PRIMARY KEY (user_id),
    CONSTRAINT deactivations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT deactivations_reason_code_known CHECK (reason_code IN ('abuse', 'security', 'request', 'other'))
);

ALTER TABLE sessions DROP CONSTRAINT sessions_end_reason_known;
ALTER TABLE sessions ADD CONSTRAINT sessions_end_reason_known
    CHECK (end_reason IN ('logout', 'revoked', 'reuse', 'credential', 'admin'));

CREATE INDEX users_created_at_idx ON users (created_at, id);
CREATE INDEX users_email_prefix_idx ON users (email text_pattern_ops);
CREATE INDEX users_username_prefix_idx ON users (username text_pattern_ops);
CREATE INDEX users_roles_idx ON users USING gin (roles);
