-- Looks at the rows that were there before the constraints of V7 and V8. In a transaction of its own: this lock lets others read
-- and write meanwhile.
ALTER TABLE ledger.event
    VALIDATE CONSTRAINT event_volume_gib_check,
    VALIDATE CONSTRAINT event_event_check,
    VALIDATE CONSTRAINT event_reason_check;
ALTER TABLE ledger.period VALIDATE CONSTRAINT period_volume_gib_check;
ALTER TABLE ledger.statement_line VALIDATE CONSTRAINT statement_line_volume_gib_check;
