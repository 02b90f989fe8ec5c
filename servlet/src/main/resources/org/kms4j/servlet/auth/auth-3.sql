-- From where, and how often. Written for SQLite and PostgreSQL; times are milliseconds since 1970, UTC.

-- token_max_uses is 0 where there is no limit. Networks stand with a blank between them.
ALTER TABLE auth_universal ADD COLUMN token_max_uses BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE auth_universal ADD COLUMN login_from TEXT DEFAULT '0.0.0.0/0 ::/0' NOT NULL;

ALTER TABLE auth_universal ADD COLUMN token_from TEXT DEFAULT '0.0.0.0/0 ::/0' NOT NULL;

-- Tokens that may be used so often and no more. No other token leaves a row when it is issued.
CREATE TABLE auth_counted_token (
  token_id VARCHAR(36) PRIMARY KEY,
  uses BIGINT NOT NULL,
  max_uses BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX auth_counted_token_expiry ON auth_counted_token (expires_at);

CREATE INDEX auth_revoked_token_expiry ON auth_revoked_token (expires_at);
