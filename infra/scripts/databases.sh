#!/bin/sh
# Makes the role and the database of each service, or brings their passwords up to date. Safe to repeat.
# PGHOST, PGPORT and PGUSER are set; passwords are files: $ADMIN_PASSWORD_FILE, and $DATABASES/<name>.
set -eu

. "$(dirname "$0")/administrator.sh"

for PASSWORD_FILE in "$DATABASES"/*; do
    export PASSWORD_FILE
    name=$(basename "$PASSWORD_FILE")
    psql --no-psqlrc --quiet --dbname=postgres --set=ON_ERROR_STOP=1 --set=name="$name" <<'SQL'
\set password `cat "$PASSWORD_FILE"`
SELECT format('CREATE ROLE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
-- An administrator who is no superuser, as in managed databases, may only give away to roles it is a member of.
GRANT :"name" TO CURRENT_USER;
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
    echo "database $name is there"
done
