-- Accounts that are gone, as long as something of them is left elsewhere.
CREATE TABLE erasures (
    user_id  VARCHAR(36) NOT NULL PRIMARY KEY,
    asked_at BIGINT      NOT NULL
) /*! CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
