DROP TABLE identity_codes;
