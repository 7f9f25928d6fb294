-- Guests whose agent another has taken over: they go on giving the UID that they were made with.

CREATE TABLE door.adopted (
    former uuid PRIMARY KEY,
    agent  uuid NOT NULL REFERENCES door.guest
);
CREATE INDEX adopted_agent ON door.adopted (agent);

GRANT SELECT, INSERT, UPDATE ON door.adopted TO "${application}";
GRANT UPDATE (agent) ON door.log_line TO "${application}";
