-- The log: what became of every resource, each entry a leaf of a Merkle tree with signed checkpoints (docs/log.md). All of it is
-- append-only: the application's user may INSERT and SELECT, and owns nothing. No foreign key: events outlive everything (F46).

CREATE SCHEMA ledger;

-- "index" is the leaf's, from 0 without a gap. All columns but leaf_hash are in the leaf, by its commitment; leaf_hash is the
-- leaf's hash as it was when the leaf was made, so that a later change of any column shows, and shows where.
CREATE TABLE ledger.event (
    index            bigint      PRIMARY KEY CHECK (index >= 0),
    resource         uuid        NOT NULL,
    sequence         bigint      NOT NULL CHECK (sequence > 0),
    kind             text        NOT NULL CHECK (kind IN ('Agent', 'PlainVm')),
    namespace        text        NOT NULL,
    name             text        NOT NULL,
    region           text        NOT NULL,
    size             text        NOT NULL,
    event            text        NOT NULL CHECK (event IN ('provision', 'start', 'stop', 'transfer', 'destroy')),
    state            text        CHECK (state IN ('Running', 'Paused')),
    account          text        NOT NULL,
    previous_account text,
    at               timestamptz NOT NULL,
    asked_by         text,
    recorded_at      timestamptz NOT NULL,
    nonce            bytea       NOT NULL CHECK (length(nonce) = 16),
    leaf_hash        bytea       NOT NULL CHECK (length(leaf_hash) = 32),
    UNIQUE (resource, sequence),
    CHECK ((event = 'transfer') = (previous_account IS NOT NULL)),
    CHECK (event <> 'destroy' OR state IS NULL)
);
CREATE INDEX event_account ON ledger.event (account, index);
CREATE INDEX event_previous_account ON ledger.event (previous_account, index) WHERE previous_account IS NOT NULL;

-- Full tiles alone (C2SP tlog-tiles, height 8): what is partial is made from events and full tiles when it is asked for.
CREATE TABLE ledger.tile (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL CHECK (length(hashes) = 8192),
    root   bytea    NOT NULL CHECK (length(root) = 32),
    PRIMARY KEY (level, index)
);

-- One for each commit; the newest is the log's head. "frontier" is the roots of the perfect subtrees from the left, 32 bytes each.
CREATE TABLE ledger.checkpoint (
    size     bigint      PRIMARY KEY CHECK (size >= 0),
    root     bytea       NOT NULL CHECK (length(root) = 32),
    frontier bytea       NOT NULL,
    note     text        NOT NULL
);

GRANT USAGE ON SCHEMA ledger TO "${application}";
GRANT SELECT, INSERT ON ledger.event, ledger.tile, ledger.checkpoint TO "${application}";
