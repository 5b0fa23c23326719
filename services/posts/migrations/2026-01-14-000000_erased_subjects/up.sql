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
-- It says what `is_erased` says without calling it, and reads the usual columns by their names: it runs with every like.
CREATE OR REPLACE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    person uuid;
BEGIN
    IF TG_ARGV[0] = 'user_id' THEN
        person := NEW.user_id;
    ELSIF TG_ARGV[0] = 'author_id' THEN
        person := NEW.author_id;
    ELSE
        person := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    END IF;
    IF person IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock_shared(uuid_hash_extended(person, 1869966947));
        PERFORM FROM erased_subjects WHERE user_id = person;
        IF FOUND THEN
            RAISE EXCEPTION 'this account was erased' USING ERRCODE = 'check_violation', CONSTRAINT = 'erased_subjects';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
