-- What is billed is committed to in the log: each closed statement and each version of the prices has a leaf of its own, with the
-- digest of its canonical form (docs/log.md). Leaves of events and of these are numbered together, from 0 without a gap.
CREATE TABLE ledger.commitment (
    index       bigint      PRIMARY KEY CHECK (index >= 0),
    kind        text        NOT NULL CHECK (kind IN ('Statement', 'PriceList')),
    account     text        CHECK ((account IS NULL) = (kind = 'PriceList')),
    name        text        NOT NULL, -- a statement's month, a version's number
    digest      bytea       NOT NULL CHECK (length(digest) = 32),
    recorded_at timestamptz NOT NULL,
    nonce       bytea       NOT NULL CHECK (length(nonce) = 16),
    leaf_hash   bytea       NOT NULL CHECK (length(leaf_hash) = 32),
    UNIQUE NULLS NOT DISTINCT (kind, account, name)
);
GRANT SELECT, INSERT ON ledger.commitment TO "${application}";
