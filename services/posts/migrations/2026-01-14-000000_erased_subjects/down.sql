DROP FUNCTION refuse_erased();
DROP FUNCTION is_erased(uuid);
DROP TABLE erased_subjects;
