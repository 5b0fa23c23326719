-- Nobody who was erased is written to or remembered, whatever comes late. A mail's recipient may have an address alone.
CREATE TRIGGER contacts_refuse_erased BEFORE INSERT ON contacts
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('user_id');
CREATE TRIGGER deliveries_refuse_erased BEFORE INSERT ON deliveries
    FOR EACH ROW EXECUTE FUNCTION refuse_erased('user_id');
CREATE INDEX deliveries_user_id_idx ON deliveries (user_id) WHERE user_id IS NOT NULL;
