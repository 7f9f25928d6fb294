-- Making the books anew from the log (docs/books.md). While "position" is below "rebuild_to" they are incomplete: nothing is read
-- of them, and no month is closed.
ALTER TABLE ledger.books_cursor ADD COLUMN rebuild_to bigint NOT NULL DEFAULT 0;

-- For the owner alone. Whoever is reading keeps what they see until they are done (DELETE, not TRUNCATE). What is billed stays.
CREATE FUNCTION ledger.rebuild_books() RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    signed bigint;
BEGIN
    PERFORM FROM ledger.books_cursor FOR UPDATE;
    SELECT coalesce(max(size), 0) INTO signed FROM ledger.checkpoint;
    DELETE FROM ledger.late;
    DELETE FROM ledger.usage_day;
    DELETE FROM ledger.period;
    DELETE FROM ledger.resource;
    UPDATE ledger.books_cursor SET position = 0, rebuild_to = signed;
    RETURN signed;
END $$;
REVOKE ALL ON FUNCTION ledger.rebuild_books() FROM PUBLIC;
