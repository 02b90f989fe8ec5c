-- Which key each of the last mutations was about, so that others forget that one alone.

CREATE TABLE kms_change (
  epoch BIGINT PRIMARY KEY,
  key_id VARCHAR(36) NOT NULL
);
