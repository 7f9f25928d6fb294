-- Why a resource ended otherwise than by being deleted: it was let go, or a person corrected the books.
SET LOCAL lock_timeout = '5s'; -- as in V7
ALTER TABLE ledger.event
    ADD COLUMN reason text,
    ADD CONSTRAINT event_reason_check CHECK (reason IS NULL OR event = 'destroy') NOT VALID;
