DROP INDEX deliveries_user_id_idx;
DROP TRIGGER deliveries_refuse_erased ON deliveries;
DROP TRIGGER contacts_refuse_erased ON contacts;
