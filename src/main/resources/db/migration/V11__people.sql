-- People who sign in, and what they hold: sessions of browsers, one-time links, tokens for their scripts. Of a secret its SHA-256 is kept, never itself.

CREATE SCHEMA identity;
GRANT USAGE ON SCHEMA identity TO "${application}";

CREATE TABLE identity.person (
    id         uuid PRIMARY KEY,
    issuer     text NOT NULL,
    subject    text NOT NULL,
    name       text,
    email      text, -- only one that the issuer has verified
    first_seen timestamptz NOT NULL,
    UNIQUE (issuer, subject)
);

CREATE TABLE identity.sign_in_link (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    issuer     text NOT NULL,
    subject    text NOT NULL,
    name       text,
    expires    timestamptz NOT NULL
);
CREATE INDEX sign_in_link_expires ON identity.sign_in_link (expires);

CREATE TABLE identity.browser_session (
    id         uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    person     uuid NOT NULL REFERENCES identity.person,
    browser    text NOT NULL, -- its User-Agent
    address    text NOT NULL,
    began      timestamptz NOT NULL,
    last_used  timestamptz NOT NULL,
    expires    timestamptz NOT NULL
);
CREATE INDEX browser_session_person ON identity.browser_session (person);
CREATE INDEX browser_session_expires ON identity.browser_session (expires);

CREATE TABLE identity.api_token (
    id         uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    person     uuid NOT NULL REFERENCES identity.person,
    account    text NOT NULL,
    access     text NOT NULL CHECK (access IN ('Read', 'Write')),
    name       text NOT NULL,
    made       timestamptz NOT NULL,
    last_used  timestamptz,
    expires    timestamptz NOT NULL
);
CREATE INDEX api_token_person ON identity.api_token (person);
CREATE INDEX api_token_expires ON identity.api_token (expires);

GRANT SELECT, INSERT, UPDATE ON identity.person TO "${application}";
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.sign_in_link, identity.browser_session, identity.api_token TO "${application}";
