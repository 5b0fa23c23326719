-- A subscription may be of several prices, of which some give PREMIUM and others do not: all of them are kept.
ALTER TABLE stripe_events ADD COLUMN prices text[] NOT NULL DEFAULT '{}';
