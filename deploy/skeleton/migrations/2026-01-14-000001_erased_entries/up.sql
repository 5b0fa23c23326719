-- Nobody writes here who was erased.
CREATE TRIGGER entries_refuse_erased BEFORE INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('owner_id');
