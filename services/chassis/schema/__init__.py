"""Database schemas by Alembic: each service has its own chain of revisions in `services/<name>/migrations`."""
