DROP TRIGGER entries_refuse_erased ON entries;
