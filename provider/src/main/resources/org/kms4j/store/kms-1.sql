-- Wrapped keys. Written for SQLite and PostgreSQL; times are milliseconds since 1970, UTC.

CREATE TABLE kms_root (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  root_key_id VARCHAR(255) NOT NULL
);

CREATE TABLE kms_epoch (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch BIGINT NOT NULL
);

INSERT INTO kms_epoch (id, epoch) VALUES (1, 0);

CREATE TABLE kms_key (
  key_id VARCHAR(36) PRIMARY KEY,
  project VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL,
  description VARCHAR(500) NOT NULL,
  algorithm VARCHAR(64) NOT NULL,
  state VARCHAR(16) NOT NULL,
  exportable SMALLINT NOT NULL,
  primary_version INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (project, name)
);

CREATE TABLE kms_key_version (
  key_id VARCHAR(36) NOT NULL REFERENCES kms_key (key_id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  root_key_id VARCHAR(255) NOT NULL,
  material BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (key_id, version)
);
