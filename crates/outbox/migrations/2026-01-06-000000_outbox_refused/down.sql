DROP INDEX outbox_refused_idx;
CREATE INDEX outbox_refused_idx ON outbox (aggregate) WHERE published_at IS NULL AND next_at IS NOT NULL;
