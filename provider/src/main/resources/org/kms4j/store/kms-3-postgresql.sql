-- Names in the order of their characters, and letter case for ASCII alone, as SQLite has it.

ALTER TABLE kms_key ALTER COLUMN name TYPE VARCHAR(255) COLLATE "C";
