-- Accounts and their sessions. Portable: ids and digests are text, times are milliseconds since 1970.
CREATE TABLE users (
    id            VARCHAR(36)  NOT NULL PRIMARY KEY,
    username      VARCHAR(32)  NOT NULL UNIQUE,
    password_hash VARCHAR(255) NOT NULL,
    created_at    BIGINT       NOT NULL
);

-- One per user: signing in again replaces the row.
CREATE TABLE sessions (
    user_id    VARCHAR(36) NOT NULL PRIMARY KEY,
    sid_hash   VARCHAR(64) NOT NULL,
    expires_at BIGINT      NOT NULL,
    created_at BIGINT      NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
