-- A release that is too old for the schema ends here, before it reads or changes anything of it. Which are not, afterMigrate.sql has written down.
DO $$
DECLARE
    newest CONSTANT integer := 11; -- the newest migration of this release
    oldest integer := substring(obj_description(to_regnamespace('ledger'), 'pg_namespace') FROM 'V([0-9]+)');
BEGIN
    IF oldest > newest THEN
        RAISE EXCEPTION 'This release is too old for the database: it knows the schema up to V%, and whoever works with it now must know V%.'
            ' Install a newer release, or restore the backup from before the upgrade (docs/operations.md, "Upgrade and roll back").', newest, oldest;
    END IF;
END $$;
