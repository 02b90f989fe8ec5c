-- Who may call. Written for SQLite and PostgreSQL; times are milliseconds since 1970, UTC.

CREATE TABLE auth_epoch (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch BIGINT NOT NULL
);

INSERT INTO auth_epoch (id, epoch) VALUES (1, 0);

CREATE TABLE auth_organisation (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  organisation_id VARCHAR(36) NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE auth_project (
  project_id VARCHAR(255) PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE auth_identity (
  identity_id VARCHAR(36) PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE auth_universal (
  identity_id VARCHAR(36) PRIMARY KEY REFERENCES auth_identity (identity_id) ON DELETE CASCADE,
  client_id VARCHAR(36) NOT NULL UNIQUE,
  token_ttl_seconds BIGINT NOT NULL,
  token_max_ttl_seconds BIGINT NOT NULL,
  wrong_secrets INTEGER NOT NULL,
  last_wrong_at BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- expires_at and max_uses are 0 where there is no such limit.
CREATE TABLE auth_client_secret (
  client_secret_id VARCHAR(36) PRIMARY KEY,
  identity_id VARCHAR(36) NOT NULL REFERENCES auth_universal (identity_id) ON DELETE CASCADE,
  sha256 BYTEA NOT NULL,
  prefix VARCHAR(4) NOT NULL,
  uses BIGINT NOT NULL,
  max_uses BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE INDEX auth_client_secret_identity ON auth_client_secret (identity_id);

CREATE TABLE auth_membership (
  identity_id VARCHAR(36) NOT NULL REFERENCES auth_identity (identity_id) ON DELETE CASCADE,
  project_id VARCHAR(255) NOT NULL REFERENCES auth_project (project_id) ON DELETE CASCADE,
  role VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (identity_id, project_id)
);

CREATE TABLE auth_revoked_token (
  token_id VARCHAR(36) PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
