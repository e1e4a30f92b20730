-- Ids are the 16 bytes of their UUID, so that they sort as they print. Times are milliseconds
-- since the Unix epoch.

-- The number of the newest change, over all files.
CREATE TABLE sequence (
    value INTEGER NOT NULL
) STRICT;
INSERT INTO sequence VALUES (0);

CREATE TABLE files (
    user           BLOB    NOT NULL,
    file           BLOB    NOT NULL,
    name           TEXT    NOT NULL,
    url            TEXT    NOT NULL,
    options        TEXT    NOT NULL, -- JSON
    state          TEXT    NOT NULL
        CHECK (state IN ('queued', 'rendering', 'ready', 'failed', 'deleting')),
    token          INTEGER NOT NULL DEFAULT 0,
    attempts       INTEGER NOT NULL DEFAULT 0,
    lease_until    INTEGER,          -- rendering
    title          TEXT,             -- ready
    final_url      TEXT,             -- ready
    pages          INTEGER,          -- ready
    size           INTEGER,          -- ready
    sha256         BLOB,             -- ready
    failure_code   TEXT,             -- failed
    failure_detail TEXT,             -- failed
    finished_at    INTEGER,          -- ready, failed
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    revision       INTEGER NOT NULL, -- number of the change that made the row what it is
    search         TEXT    NOT NULL, -- folded title, URL and name
    -- Since when nobody seems to work on it, as far as anybody should.
    pending_since  INTEGER GENERATED ALWAYS AS (
        CASE state
            WHEN 'queued' THEN updated_at
            WHEN 'deleting' THEN updated_at
            WHEN 'rendering' THEN max(updated_at, lease_until)
        END
    ) VIRTUAL
) STRICT;

CREATE UNIQUE INDEX files_by_id ON files (user, file);
CREATE UNIQUE INDEX files_by_name ON files (user, name) WHERE state <> 'deleting';
CREATE INDEX files_listed ON files (user, file) WHERE state <> 'deleting';
CREATE INDEX files_by_state ON files (user, state, file);
-- Covers a search, which reads the text of every file of one user in the worst case.
CREATE INDEX files_searched ON files (user, file, state, search) WHERE state <> 'deleting';
CREATE INDEX files_by_revision ON files (user, revision);
CREATE INDEX files_pending ON files (pending_since) WHERE pending_since IS NOT NULL;

CREATE TRIGGER files_created_revision AFTER INSERT ON files BEGIN
    UPDATE sequence SET value = NEW.revision;
END;
CREATE TRIGGER files_changed_revision AFTER UPDATE OF revision ON files
WHEN NEW.revision <> OLD.revision BEGIN
    UPDATE sequence SET value = NEW.revision;
END;

-- How many files each user has, so that a quota is not counted row by row.
CREATE TABLE usage (
    user  BLOB    NOT NULL PRIMARY KEY,
    files INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER files_created_usage AFTER INSERT ON files BEGIN
    INSERT INTO usage VALUES (NEW.user, 1)
    ON CONFLICT (user) DO UPDATE SET files = files + 1;
END;
CREATE TRIGGER files_deleted_usage AFTER UPDATE OF state ON files
WHEN NEW.state = 'deleting' AND OLD.state <> 'deleting' BEGIN
    UPDATE usage SET files = files - 1 WHERE user = NEW.user;
    DELETE FROM usage WHERE user = NEW.user AND files = 0;
END;

-- What is left of removed files for those who still have to learn of it.
CREATE TABLE removed (
    user       BLOB    NOT NULL,
    file       BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    token      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    removed_at INTEGER NOT NULL,
    PRIMARY KEY (user, file)
) STRICT, WITHOUT ROWID;

CREATE INDEX removed_by_revision ON removed (user, revision);
CREATE INDEX removed_by_age ON removed (removed_at);

CREATE TABLE idempotency (
    user        BLOB    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    file        BLOB    NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_age ON idempotency (expires_at);

-- Virtual time of each queue: the turn of the message delivered last.
CREATE TABLE queues (
    queue TEXT    NOT NULL PRIMARY KEY,
    turn  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO queues VALUES ('work', 0), ('dead', 0);

CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    queue      TEXT    NOT NULL REFERENCES queues,
    user       BLOB    NOT NULL,
    file       BLOB    NOT NULL,
    body       TEXT    NOT NULL,
    turn       INTEGER NOT NULL, -- messages go out in this order: one per user and turn
    receives   INTEGER NOT NULL DEFAULT 0,
    sent_at    INTEGER NOT NULL,
    visible_at INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_turn ON messages (queue, turn, id, visible_at);
CREATE INDEX messages_by_visibility ON messages (queue, visible_at);
CREATE INDEX messages_by_user ON messages (queue, user, turn);
CREATE INDEX messages_by_file ON messages (file);
