-- What accounts pay for, and what administrators give them: an account's tier is the best of both, and tier_until says
-- until when it is so, as far as is known. Of payments we keep ids, states and dates alone: no card, name or address.
ALTER TABLE users ADD COLUMN tier_until timestamptz;
CREATE INDEX users_tier_until_idx ON users (tier, tier_until) WHERE tier_until IS NOT NULL;

-- An account's PREMIUM by an administrator's word; `until` is missing where it does not end. granted_by is no reference:
-- what an administrator gave stays when he goes.
CREATE TABLE tier_grants (
    user_id uuid NOT NULL,
    tier text NOT NULL,
    until timestamptz,
    granted_by uuid,
    granted_at timestamptz NOT NULL,
    CONSTRAINT tier_grants_pkey PRIMARY KEY (user_id),
    CONSTRAINT tier_grants_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT tier_grants_tier_known CHECK (tier = 'PREMIUM')
);
INSERT INTO tier_grants (user_id, tier, granted_at) SELECT id, tier, updated_at FROM users WHERE tier = 'PREMIUM';

-- Stripe's customers; whose account a customer is may be heard later than the customer's subscriptions.
CREATE TABLE stripe_customers (
    customer_id text NOT NULL,
    user_id uuid,
    last_event_at timestamptz NOT NULL,
    CONSTRAINT stripe_customers_pkey PRIMARY KEY (customer_id),
    CONSTRAINT stripe_customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX stripe_customers_user_id_idx ON stripe_customers (user_id);
CREATE INDEX stripe_customers_unclaimed_idx ON stripe_customers (last_event_at) WHERE user_id IS NULL;

-- Stripe's events, each once, as far as they concern a subscription. They come in any order: what holds follows from all
-- of them. created_at is Stripe's, received_at ours. claimed_user_id is what an event says, of an account that may not be.
CREATE TABLE stripe_events (
    id text NOT NULL,
    customer_id text NOT NULL,
    subscription_id text,
    kind text NOT NULL,
    created_at timestamptz NOT NULL,
    claimed_user_id uuid,
    status text,
    plan text,
    current_period_end timestamptz,
    cancel_at_period_end boolean NOT NULL,
    cancel_at timestamptz,
    received_at timestamptz NOT NULL,
    CONSTRAINT stripe_events_pkey PRIMARY KEY (id),
    CONSTRAINT stripe_events_customer_id_fkey FOREIGN KEY (customer_id)
        REFERENCES stripe_customers (customer_id) ON DELETE CASCADE
);
CREATE INDEX stripe_events_customer_id_idx ON stripe_events (customer_id);
CREATE INDEX stripe_events_subscription_id_idx ON stripe_events (subscription_id);

-- Subscriptions of accounts, as their events come to.
CREATE TABLE user_subscriptions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    customer_id text NOT NULL,
    subscription_id text NOT NULL,
    status text NOT NULL,
    plan text,
    current_period_end timestamptz,
    cancel_at_period_end boolean NOT NULL,
    cancel_at timestamptz,
    past_due_since timestamptz,
    premium_until timestamptz,
    last_event_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT user_subscriptions_pkey PRIMARY KEY (id),
    CONSTRAINT user_subscriptions_subscription_id_key UNIQUE (subscription_id),
    CONSTRAINT user_subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_subscriptions_provider_known CHECK (provider = 'stripe')
);
CREATE INDEX user_subscriptions_user_id_idx ON user_subscriptions (user_id);
CREATE INDEX user_subscriptions_over_idx ON user_subscriptions (last_event_at)
    WHERE status IN ('canceled', 'incomplete_expired');
