-- How many seals of each version are spent or leased, by all processes together.

ALTER TABLE kms_key_version ADD COLUMN seals BIGINT NOT NULL DEFAULT 0;
