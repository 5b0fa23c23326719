-- The index of refused events is told by `next_at` alone, which no other event has. Where its condition is also true of
-- those that wait, a plan may take their index in its place, and every look then reads all that waits for each event.
DROP INDEX outbox_refused_idx;
CREATE INDEX outbox_refused_idx ON outbox (aggregate) WHERE next_at IS NOT NULL;
