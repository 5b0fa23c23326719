DELETE FROM email_tokens WHERE purpose = 'invitation';
ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_known;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_known
    CHECK (purpose IN ('verify_email', 'reset_password', 'change_email', 'link_identity'));
