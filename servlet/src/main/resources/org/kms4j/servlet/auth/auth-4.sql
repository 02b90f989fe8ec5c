-- A slug names one project. Written for SQLite and PostgreSQL.

-- Of several projects with one slug the oldest keeps it; ids are unique, and longer than slugs.
UPDATE auth_project SET slug = project_id
  WHERE slug = '' OR EXISTS (
    SELECT 1 FROM auth_project older WHERE older.slug = auth_project.slug
      AND (older.created_at < auth_project.created_at
        OR (older.created_at = auth_project.created_at
          AND older.project_id < auth_project.project_id)));

CREATE UNIQUE INDEX auth_project_slug ON auth_project (slug);
