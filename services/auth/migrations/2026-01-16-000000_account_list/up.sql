-- Administrators list accounts by when they were last entered, and those that are closed or pay: a page of a large list is
-- to cost no more than one of a small list.
CREATE INDEX users_last_login_idx ON users (coalesce(last_login_at, 'epoch'::timestamptz), id);
CREATE INDEX users_closed_idx ON users (created_at, id) WHERE NOT is_active;
CREATE INDEX users_premium_idx ON users (created_at, id) WHERE tier = 'PREMIUM';
