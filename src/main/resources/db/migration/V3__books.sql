-- The books: periods, usage, prices and statements (docs/books.md). Periods and usage are a fold of the log in the order of its
-- indexes and can be made again from it; what was billed is append-only. Everything belongs to the schema's owner.

-- An exclusion over "the same resource" and "at overlapping times" needs the one operator in an index for the other's kind.
-- A trusted extension: the database's owner may make it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- How far the log is folded: the index of the next event. Who folds, or closes a month, holds this row until the commit; so what
-- is folded is folded once, and no event slips in between a statement's reading and its closing.
CREATE TABLE ledger.books_cursor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint  NOT NULL
);
INSERT INTO ledger.books_cursor (position) VALUES (0);

-- What is billed, as its first event told it: fixed for life, and kept when it is gone (F48).
CREATE TABLE ledger.resource (
    resource  uuid PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('Agent', 'PlainVm')),
    namespace text NOT NULL,
    name      text NOT NULL,
    region    text NOT NULL,
    size      text NOT NULL
);

-- One resource in one state for one account, half-open: [started_at, ended_at), with an end of null while it lasts. Its key is
-- the event that opened it, since an event opens one period at most; so a fold that is repeated cannot write it twice.
-- A period without a length (two events at one instant) stays: it happened, and costs nothing.
CREATE TABLE ledger.period (
    opened_by  bigint      PRIMARY KEY,
    resource   uuid        NOT NULL REFERENCES ledger.resource,
    account    text        NOT NULL,
    state      text        NOT NULL CHECK (state IN ('Running', 'Paused')),
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    closed_by  bigint,
    CHECK ((ended_at IS NULL) = (closed_by IS NULL)),
    CHECK (closed_by > opened_by),
    -- No instant of a resource is counted twice, whatever goes wrong above (F40).
    CONSTRAINT period_never_overlaps
        EXCLUDE USING gist (resource WITH =, tstzrange(started_at, ended_at, '[)') WITH &&)
);
CREATE UNIQUE INDEX period_open ON ledger.period (resource) WHERE ended_at IS NULL;
-- An account's periods of a month: those that end after its first instant and start before its last. Recent months, which are
-- read most, are at one end; of others, what does not belong to them is passed over within the index.
CREATE INDEX period_account_end ON ledger.period (account, coalesce(ended_at, 'infinity'::timestamptz), started_at);
-- An account's periods, page by page, in the order of the log.
CREATE INDEX period_account ON ledger.period (account, opened_by);

-- An end that is set is set for good. The application may change nothing else of a row (its grants), and not this either.
CREATE FUNCTION ledger.period_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the end of a period is set once' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER period_ends_once BEFORE UPDATE ON ledger.period
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION ledger.period_ends_once();

-- Closed periods' microseconds by UTC day: added to in the transaction that closes a period. Open ones are counted when they are
-- read. It grows with every resource and day, so it is cut by month.
CREATE TABLE ledger.usage_day (
    day          date   NOT NULL,
    account      text   NOT NULL,
    resource     uuid   NOT NULL,
    state        text   NOT NULL CHECK (state IN ('Running', 'Paused')),
    microseconds bigint NOT NULL CHECK (microseconds BETWEEN 1 AND 86400000000),
    PRIMARY KEY (account, day, resource, state)
) PARTITION BY RANGE (day);
CREATE INDEX usage_day_resource ON ledger.usage_day (resource, day);

-- Makes a month's part of it unless it is there. The application owns no table and may make none, so this runs as the owner.
-- Attached rather than made in place: that lets others read meanwhile.
CREATE FUNCTION ledger.usage_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first date := date_trunc('month', month::timestamp)::date;
    part  text := 'usage_day_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass(format('ledger.%I', part)) IS NULL THEN
        EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.usage_day INCLUDING CONSTRAINTS INCLUDING INDEXES)', part);
        EXECUTE format('ALTER TABLE ledger.usage_day ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
            part, first, (first + interval '1 month')::date);
    END IF;
END $$;
REVOKE ALL ON FUNCTION ledger.usage_month(date) FROM PUBLIC;

-- Prices by the hour, in whole billionths of the currency: what is multiplied and added is integers. A version never changes.
CREATE TABLE ledger.price_list (
    version    int         PRIMARY KEY CHECK (version > 0),
    valid_from date        NOT NULL,
    currency   text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    loaded_at  timestamptz NOT NULL
);
CREATE TABLE ledger.price (
    version      int    NOT NULL REFERENCES ledger.price_list,
    product      text   NOT NULL CHECK (product IN ('Agent', 'PlainVm')),
    region       text   NOT NULL,
    size         text   NOT NULL,
    state        text   NOT NULL CHECK (state IN ('Running', 'Paused')),
    per_hour     bigint NOT NULL CHECK (per_hour >= 0),
    stripe_price text,
    PRIMARY KEY (version, product, region, size, state)
);

-- Closed months, with all that they were made of: nothing else has to be read to explain one. An account's months are closed in
-- their order, without a gap from its first.
CREATE TABLE ledger.statement (
    account      text          NOT NULL,
    month        date          NOT NULL CHECK (extract(day FROM month) = 1),
    closed_at    timestamptz   NOT NULL,
    currency     text          NOT NULL,
    total        numeric(20,2) NOT NULL, -- what was billed
    PRIMARY KEY (account, month)
);
-- "for_month" is the month that the time belongs to: an earlier one than the statement's in an adjustment, whose microseconds
-- are what was not billed before, or (negative) what was billed too much.
CREATE TABLE ledger.statement_line (
    account       text        NOT NULL,
    month         date        NOT NULL,
    number        int         NOT NULL CHECK (number > 0),
    for_month     date        NOT NULL CHECK (for_month <= month),
    period        bigint      NOT NULL, -- opened_by of the period
    resource      uuid        NOT NULL,
    kind          text        NOT NULL,
    namespace     text        NOT NULL,
    name          text        NOT NULL,
    region        text        NOT NULL,
    size          text        NOT NULL,
    state         text        NOT NULL,
    started_at    timestamptz NOT NULL,
    ended_at      timestamptz NOT NULL,
    microseconds  bigint      NOT NULL,
    price_version int         NOT NULL,
    per_hour      bigint      NOT NULL,
    stripe_price  text,
    PRIMARY KEY (account, month, number),
    FOREIGN KEY (account, month) REFERENCES ledger.statement
);
-- What was billed of a month, in whichever statement.
CREATE INDEX statement_line_for_month ON ledger.statement_line (account, for_month);

-- Closed months that an event came too late for: only these are reckoned again. A list of work, not a record.
CREATE TABLE ledger.late (
    account text NOT NULL,
    month   date NOT NULL,
    PRIMARY KEY (account, month)
);

GRANT SELECT, UPDATE (position) ON ledger.books_cursor TO "${application}";
GRANT SELECT, INSERT ON ledger.resource, ledger.price_list, ledger.price, ledger.statement, ledger.statement_line
    TO "${application}";
GRANT SELECT, INSERT, UPDATE (ended_at, closed_by) ON ledger.period TO "${application}";
GRANT SELECT, INSERT, UPDATE (microseconds) ON ledger.usage_day TO "${application}";
GRANT SELECT, INSERT, DELETE ON ledger.late TO "${application}";
GRANT EXECUTE ON FUNCTION ledger.usage_month(date) TO "${application}";
