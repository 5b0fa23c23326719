-- Administrators invite: a mailed link of its own purpose, by which somebody chooses the first password of an account.
ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_known;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_known
    CHECK (purpose IN ('verify_email', 'reset_password', 'change_email', 'link_identity', 'invitation'));
