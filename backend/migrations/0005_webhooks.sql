-- Webhooks. Secrets are sealed with the servers' key. `seen_revision` is how far the user's changes
-- have been read, by the server `follower` as long as its lease lasts.
CREATE TABLE webhooks (
    id              VARCHAR(36)   NOT NULL PRIMARY KEY,
    user_id         VARCHAR(36)   NOT NULL,
    url             VARCHAR(2048) NOT NULL,
    events          VARCHAR(255)  NOT NULL, -- separated by blanks
    secret          VARCHAR(255)  NOT NULL,
    created_at      BIGINT        NOT NULL,
    failing_since   BIGINT,
    disabled_at     BIGINT,
    disabled_reason VARCHAR(32),
    seen_revision   BIGINT        NOT NULL,
    follower        VARCHAR(36),
    followed_until  BIGINT        NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) /*! CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;

CREATE INDEX webhooks_by_user ON webhooks (user_id, created_at);

-- One row per call, however often it is tried; an end of a file is told to a webhook once. Only what
-- is still to be tried has a body, and a time for it. A server that tries moves the time on, which
-- hides the row from others as a lease does.
CREATE TABLE webhook_deliveries (
    id              VARCHAR(36) NOT NULL PRIMARY KEY,
    webhook_id      VARCHAR(36) NOT NULL,
    file_id         VARCHAR(36) NOT NULL,
    event           VARCHAR(32) NOT NULL,
    ended_at        BIGINT      NOT NULL,
    created_at      BIGINT      NOT NULL,
    status          VARCHAR(16) NOT NULL,
    attempts        BIGINT      NOT NULL,
    last_attempt_at BIGINT,
    next_attempt_at BIGINT,
    response_status BIGINT,
    error           VARCHAR(32),
    body            TEXT,
    UNIQUE (webhook_id, file_id, ended_at),
    FOREIGN KEY (webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE
) /*! CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;

-- The options of a file may make a body longer than the 64 KiB of a TEXT there.
/*! ALTER TABLE webhook_deliveries MODIFY body MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, webhook_id);
