DROP INDEX users_locked_until_idx;
DROP TABLE login_failures;
