-- Gives FerretDB's queries an index. It asks for an equality as `_jsonb->'field' @> '"value"'`, which the B-trees that
-- it makes cannot serve; so each of them gets a GIN twin over its first expression, made and dropped with it.

CREATE OR REPLACE FUNCTION public.twin_of(made oid) RETURNS name
LANGUAGE sql IMMUTABLE AS $$ SELECT ('equality_' || made)::name $$;

CREATE OR REPLACE FUNCTION public.make_twins() RETURNS event_trigger
LANGUAGE plpgsql AS $$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT index.oid, space.nspname AS space, collection.relname AS collection,
               pg_get_indexdef(index.oid, 1, false) AS expression
        FROM pg_event_trigger_ddl_commands() AS command
        JOIN pg_class AS index ON index.oid = command.objid AND index.relkind = 'i'
        JOIN pg_am AS method ON method.oid = index.relam AND method.amname = 'btree'
        JOIN pg_index AS link ON link.indexrelid = index.oid
        JOIN pg_class AS collection ON collection.oid = link.indrelid
        JOIN pg_namespace AS space ON space.oid = collection.relnamespace
        WHERE command.command_tag = 'CREATE INDEX' AND index.relname NOT LIKE '\_ferretdb%'
    LOOP
        -- Pending entries of a fast update would be scanned by every read.
        EXECUTE format('CREATE INDEX %I ON %I.%I USING gin ((%s) jsonb_path_ops) WITH (fastupdate = off)',
            public.twin_of(made.oid), made.space, made.collection, made.expression);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION public.drop_twins() RETURNS event_trigger
LANGUAGE plpgsql AS $$
DECLARE
    dropped record;
BEGIN
    FOR dropped IN
        SELECT objid, schema_name FROM pg_event_trigger_dropped_objects() WHERE object_type = 'index'
    LOOP
        EXECUTE format('DROP INDEX IF EXISTS %I.%I', dropped.schema_name, public.twin_of(dropped.objid));
    END LOOP;
END $$;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'make_twins') THEN
        CREATE EVENT TRIGGER make_twins ON ddl_command_end WHEN TAG IN ('CREATE INDEX')
            EXECUTE FUNCTION public.make_twins();
    END IF;
    IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'drop_twins') THEN
        CREATE EVENT TRIGGER drop_twins ON sql_drop WHEN TAG IN ('DROP INDEX')
            EXECUTE FUNCTION public.drop_twins();
    END IF;
END $$;

-- The field's name is a parameter too, so only a plan made for the value can use an index over that field.
ALTER ROLE mongodb SET plan_cache_mode = 'force_custom_plan';
