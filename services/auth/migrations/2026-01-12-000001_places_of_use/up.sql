-- Where a session was last refreshed from, for its owner to see. `ip_prefix` stays the network where the owner proved
-- himself: by that a later login is known or strange, and whoever stole a refresh token must not make his own known.
ALTER TABLE sessions ADD COLUMN seen_ip_prefix text;
