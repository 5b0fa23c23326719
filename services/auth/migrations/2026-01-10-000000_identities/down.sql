DROP TABLE exchange_codes;
DROP TABLE provider_returns;
DROP TABLE identity_requests;
DELETE FROM email_tokens WHERE purpose = 'link_identity';
ALTER TABLE email_tokens
    DROP CONSTRAINT email_tokens_purpose_known,
    ADD CONSTRAINT email_tokens_purpose_known CHECK (purpose IN ('verify_email', 'reset_password', 'change_email'));
DROP TABLE identities;
