DROP INDEX users_roles_idx;
DROP INDEX users_username_prefix_idx;
DROP INDEX users_email_prefix_idx;
DROP INDEX users_created_at_idx;
UPDATE sessions SET end_reason = 'revoked' WHERE end_reason = 'admin';
ALTER TABLE sessions DROP CONSTRAINT sessions_end_reason_known;
ALTER TABLE sessions ADD CONSTRAINT sessions_end_reason_known
    CHECK (end_reason IN ('logout', 'revoked', 'reuse', 'credential'));
DROP TABLE deactivations;
