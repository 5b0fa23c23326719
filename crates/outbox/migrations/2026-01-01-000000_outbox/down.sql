DROP TABLE inbox_sequences;
DROP TABLE inbox;
DROP TABLE outbox;
DROP TABLE outbox_sequences;
