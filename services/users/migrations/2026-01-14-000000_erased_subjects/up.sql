-- Who was erased here, by id alone, so that nothing that comes late brings anybody back. `receipt` is what was answered,
-- and is answered again to whoever asks again.
CREATE TABLE erased_subjects (
    user_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    erased_at timestamptz NOT NULL,
    receipt jsonb NOT NULL,
    CONSTRAINT erased_subjects_pkey PRIMARY KEY (user_id)
);

-- Whether somebody was erased; nobody who is not will be before this transaction ends. Whoever erases takes the same
-- lock alone and first: it waits for those who write, and they for it. Each statement here sees what was committed when
-- it began, however old the view of the statement is that called it.
CREATE OR REPLACE FUNCTION is_erased(person uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(uuid_hash_extended(person, 1869966947));
    RETURN EXISTS (SELECT FROM erased_subjects WHERE user_id = person);
END
$$;

-- Refuses rows about somebody who was erased: `BEFORE INSERT` on every table that has some, with the name of the column.
CREATE OR REPLACE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    person uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
BEGIN
    IF person IS NOT NULL AND is_erased(person) THEN
        RAISE EXCEPTION 'this account was erased' USING ERRCODE = 'check_violation', CONSTRAINT = 'erased_subjects';
    END IF;
    RETURN NEW;
END
$$;
