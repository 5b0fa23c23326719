ALTER TABLE sessions DROP COLUMN seen_ip_prefix;
