-- Format 1. Everything that is the truth, or that a guarantee depends on, then what can be folded again from it.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- The log. `bytes` is the event as first written; the columns beside it only find it.
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE,
    user     BLOB,
    decision BLOB,
    bytes    BLOB NOT NULL
) STRICT;
-- An index on a rowid table ends with the rowid, so these are (user, position) and (decision, position).
CREATE INDEX events_user ON events (user) WHERE user IS NOT NULL;
CREATE INDEX events_decision ON events (decision) WHERE decision IS NOT NULL;

-- Every person's key, wrapped by the master key. Rows are appended and never deleted: erasing overwrites the key in
-- place with as many zeros. A row that never moves leaves no copy on a page it was moved away from.
CREATE TABLE keys (
    number  INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT;

CREATE TABLE users (
    number INTEGER PRIMARY KEY REFERENCES keys (number),
    lookup BLOB NOT NULL UNIQUE,
    user   BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE texts (
    user   BLOB NOT NULL,
    item   BLOB NOT NULL,
    field  INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (user, item, field)
) STRICT, WITHOUT ROWID;

-- The pull slot: at most one open decision a person.
CREATE TABLE open_tips (
    user     BLOB PRIMARY KEY,
    decision BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE requests (
    user     BLOB NOT NULL,
    request  BLOB NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (user, request)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked (
    position INTEGER PRIMARY KEY,
    decision BLOB NOT NULL,
    due_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX parked_decision ON parked (decision);
CREATE INDEX parked_due ON parked (due_ms);

CREATE TABLE snapshots (
    name     TEXT NOT NULL,
    position INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    bytes    BLOB NOT NULL,
    PRIMARY KEY (name, position)
) STRICT;

CREATE TABLE receipts (
    number INTEGER PRIMARY KEY,
    id     BLOB NOT NULL UNIQUE,
    json   TEXT NOT NULL,
    stage  TEXT NOT NULL CHECK (stage IN ('erasing', 'erased'))
) STRICT;

-- Projections: folds of the log up to meta.projected.
CREATE TABLE tips (
    position       INTEGER PRIMARY KEY,
    decision       BLOB NOT NULL,
    user           BLOB NOT NULL,
    decided_ms     INTEGER NOT NULL,
    policy         TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    key            BLOB NOT NULL,
    arm            TEXT NOT NULL,
    kind           TEXT NOT NULL,
    propensity     REAL NOT NULL,
    holdout        INTEGER NOT NULL,
    state          TEXT NOT NULL,
    reward         REAL,
    shown_ms       INTEGER,
    due_ms         INTEGER
) STRICT;
CREATE INDEX tips_user ON tips (user);
CREATE INDEX tips_due ON tips (due_ms) WHERE due_ms IS NOT NULL;

CREATE TABLE tip_scores (
    position   INTEGER NOT NULL,
    idx        INTEGER NOT NULL,
    key        BLOB NOT NULL,
    arm        TEXT NOT NULL,
    score      REAL NOT NULL,
    propensity REAL NOT NULL,
    PRIMARY KEY (position, idx)
) STRICT, WITHOUT ROWID;
