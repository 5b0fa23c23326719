DROP TABLE user_subscriptions;
DROP TABLE stripe_events;
DROP TABLE stripe_customers;
DROP TABLE tier_grants;
DROP INDEX users_tier_until_idx;
ALTER TABLE users DROP COLUMN tier_until;
