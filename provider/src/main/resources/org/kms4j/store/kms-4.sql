-- Which nodes act on what they remember, and up to which epoch each has dropped what changed.

CREATE TABLE kms_node (
  node_id VARCHAR(36) PRIMARY KEY,
  confirmed BIGINT NOT NULL,
  renewals BIGINT NOT NULL,
  lease_millis BIGINT NOT NULL
);
