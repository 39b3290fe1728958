-- Format 2. Secrets of people (owner: the pseudonym) and of the store itself (owner: empty), each sealed under its
-- owner's key and bound to its purpose. `meta` gains `store_key` (wrapped) and `incarnation` with it.

CREATE TABLE secrets (
    owner   BLOB NOT NULL,
    purpose TEXT NOT NULL,
    sealed  BLOB NOT NULL,
    PRIMARY KEY (owner, purpose)
) STRICT, WITHOUT ROWID;
