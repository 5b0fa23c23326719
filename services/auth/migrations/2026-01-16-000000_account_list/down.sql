DROP INDEX users_premium_idx;
DROP INDEX users_closed_idx;
DROP INDEX users_last_login_idx;
