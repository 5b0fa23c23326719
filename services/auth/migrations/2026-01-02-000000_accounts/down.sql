DROP TABLE security_events;
DROP TABLE email_tokens;
DROP TABLE profiles;
DROP TABLE users;
