"""Full-text search behind one port: Elasticsearch in a cluster, SQLite FTS5 when embedded."""
