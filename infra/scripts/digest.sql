-- One line a table: its name, how many rows it has, and a digest of them that does not depend on their order.
SELECT format(
    'SELECT %L, count(*), coalesce(sum(hashtextextended(line::text, 0)::numeric), 0) FROM %I.%I AS line',
    schemaname || '.' || tablename, schemaname, tablename
) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY schemaname, tablename \gexec
