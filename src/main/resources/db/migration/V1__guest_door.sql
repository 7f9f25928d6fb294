-- What the guest door knows. All of it belongs to the schema's owner; the application's user (placeholder "application")
-- gets exactly what the door's statements need, no more.

CREATE SCHEMA door;

-- The position of the newest change. Whoever changes a guest takes the next position as the last thing before the commit and
-- holds this row until then: positions become visible in their order, so a reader who has seen one has seen all before it.
CREATE TABLE door.feed (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO door.feed (position) VALUES (0);

-- One row for each agent that was ever heard of. Deleted ones stay as tombstones: nothing late revives them.
CREATE TABLE door.guest (
    agent               uuid PRIMARY KEY,
    changed             bigint      NOT NULL DEFAULT 0,
    deleted_at          timestamptz,
    deposited_at        timestamptz,
    deposit_expires_at  timestamptz,
    redeemed_at         timestamptz,
    redeemed_hash       bytea,
    public_key          bytea,
    last_nonce_at       timestamptz,
    callback_hash       bytea UNIQUE,
    callback_expires_at timestamptz,
    payload             bytea, -- sealed; bound to the agent, the server's name and the deposit's expiry
    payload_server      text,
    payload_expires_at  timestamptz,
    settings            bytea, -- sealed; newer than the payload's own, else null
    settings_version    bigint      NOT NULL DEFAULT 0,
    share_logs          boolean     NOT NULL DEFAULT false,
    reported_at         timestamptz,
    report              jsonb,
    CHECK (deleted_at IS NULL OR num_nonnulls(public_key, callback_hash, payload, settings, report) = 0)
);
CREATE INDEX guest_changed ON door.guest (changed);

CREATE TABLE door.deposit (
    token_hash   bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    agent        uuid        NOT NULL REFERENCES door.guest,
    server_name  text        NOT NULL,
    deposited_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    spent_at     timestamptz, -- redeemed, or void because another was
    payload      bytea        -- sealed; gone as soon as it is spent or expired
);
CREATE INDEX deposit_agent ON door.deposit (agent);
CREATE INDEX deposit_expires ON door.deposit (expires_at);

CREATE TABLE door.log_line (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent       uuid        NOT NULL,
    received_at timestamptz NOT NULL,
    at          timestamptz NOT NULL,
    level       text        NOT NULL,
    source      text        NOT NULL CHECK (source IN ('guest', 'container')),
    text        text        NOT NULL
);
CREATE INDEX log_line_agent ON door.log_line (agent, id);
CREATE INDEX log_line_received ON door.log_line (received_at);

GRANT USAGE ON SCHEMA door TO "${application}";
GRANT SELECT, UPDATE ON door.feed TO "${application}";
GRANT SELECT, INSERT, UPDATE ON door.guest TO "${application}";
GRANT SELECT, INSERT, UPDATE, DELETE ON door.deposit TO "${application}";
GRANT SELECT, INSERT, DELETE ON door.log_line TO "${application}";
