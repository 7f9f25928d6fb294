-- How old a release may be that works with the schema as it is now, by the newest migration that it knows. A migration that takes away or renames what
-- that release uses raises the number, to its own; one that only adds leaves it. It never falls: an older release comes by here too.
DO $$
DECLARE
    needed CONSTANT integer := 10;
BEGIN
    IF coalesce(substring(obj_description(to_regnamespace('ledger'), 'pg_namespace') FROM 'V([0-9]+)')::integer, 0) < needed THEN
        EXECUTE format('COMMENT ON SCHEMA ledger IS %L', 'For releases that know migration V' || needed || ' at least.');
    END IF;
END $$;
