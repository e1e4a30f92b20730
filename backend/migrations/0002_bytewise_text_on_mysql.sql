-- Text compares byte by byte, as it does on SQLite and PostgreSQL: left to itself, MySQL takes the
-- character set and the collation of the database, which may ignore case and accents.
--
-- Only MySQL and MariaDB read what stands between these marks, and the rest see comments. Columns of
-- a foreign key cannot be converted, so sessions, of which there are none yet, are made anew.
/*! DROP TABLE sessions */;
/*! ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
/*! CREATE TABLE sessions (
    user_id    VARCHAR(36) NOT NULL PRIMARY KEY,
    sid_hash   VARCHAR(64) NOT NULL,
    expires_at BIGINT      NOT NULL,
    created_at BIGINT      NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
