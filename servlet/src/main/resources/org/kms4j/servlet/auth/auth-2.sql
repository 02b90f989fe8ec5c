-- Who administers. Written for SQLite and PostgreSQL.

ALTER TABLE auth_identity ADD COLUMN organisation_role VARCHAR(64) DEFAULT 'no-access' NOT NULL;

-- The first admin was written at the same moment as the organisation.
UPDATE auth_identity SET organisation_role = 'admin'
  WHERE name = 'admin' AND created_at = (SELECT created_at FROM auth_organisation);

ALTER TABLE auth_project ADD COLUMN slug VARCHAR(64) DEFAULT '' NOT NULL;

UPDATE auth_project SET slug = project_id;

ALTER TABLE auth_client_secret ADD COLUMN description VARCHAR(500) DEFAULT '' NOT NULL;
