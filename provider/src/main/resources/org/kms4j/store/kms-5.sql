-- Which keys a process stops serving when its lease ends: all that there were.

ALTER TABLE kms_key ADD COLUMN strict SMALLINT NOT NULL DEFAULT 1;
