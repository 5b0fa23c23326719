DROP TABLE gdpr_participants;
DROP TABLE erasure_steps;
DROP TABLE erasures;
