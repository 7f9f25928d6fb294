-- How many GiB of volumes a resource holds: an event says it from then on, a period has one size, and a statement a line for it.
-- Null before events said it, and for what has no volume.
--
-- Others work meanwhile. So nobody waits long for a table because we wait for it; and what grows is not read through under its
-- lock: constraints hold for new rows at once, and for those that are there when V10 has looked at them.
SET LOCAL lock_timeout = '5s';
ALTER TABLE ledger.event
    ADD COLUMN volume_gib int,
    ADD CONSTRAINT event_volume_gib_check CHECK (volume_gib >= 0) NOT VALID,
    DROP CONSTRAINT event_event_check,
    ADD CONSTRAINT event_event_check CHECK (event IN ('provision', 'start', 'stop', 'resize', 'transfer', 'destroy')) NOT VALID;
ALTER TABLE ledger.period
    ADD COLUMN volume_gib int,
    ADD CONSTRAINT period_volume_gib_check CHECK (volume_gib >= 0) NOT VALID;
ALTER TABLE ledger.statement_line
    ADD COLUMN volume_gib int,
    ADD CONSTRAINT statement_line_volume_gib_check CHECK (volume_gib > 0) NOT VALID;

-- A volume's price is by GiB and hour; it has no size, and is the same in any state.
ALTER TABLE ledger.price
    DROP CONSTRAINT price_product_check,
    DROP CONSTRAINT price_state_check,
    ADD CONSTRAINT price_product_check CHECK (product IN ('Agent', 'PlainVm', 'Volume')),
    ADD CONSTRAINT price_state_check CHECK (state IN ('Running', 'Paused') OR (product = 'Volume' AND state = 'Any'));
