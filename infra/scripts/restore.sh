#!/bin/sh
# Puts the newest dump of each of $DATABASES, or that of the stamp $STAMP (20260131T021500Z), in the place of the database
# itself, once it has been restored beside it and every table has the rows that were digested when it was dumped. Whoever
# is connected is cut off. PGHOST, PGPORT and PGUSER are set; the password is the file $ADMIN_PASSWORD_FILE.
set -eu

scripts=$(dirname "$0")
. "$scripts/bucket.sh"
. "$scripts/administrator.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sql() { # database; reads statements
    psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --set=name="$database" --set=new="$new" \
        --dbname="$1"
}

for database in $DATABASES; do
    new="restored_$database"
    dump=$(list "$database" | grep "${STAMP:-}\.dump\$" | tail -n 1)
    [ -n "$dump" ] || { echo "$database has no such backup" >&2; exit 1; }
    fetch "$dump" "$work/dump"
    fetch "${dump%.dump}.digest" "$work/digest"
    dropdb --if-exists --force --maintenance-db=postgres "$new"
    createdb --maintenance-db=postgres --template=template0 --owner="$database" "$new"
    pg_restore --dbname="$new" --no-owner --no-privileges --role="$database" --exit-on-error "$work/dump"
    sql "$new" <"$scripts/digest.sql" >"$work/restored"
    diff "$work/digest" "$work/restored" || { echo "$dump does not restore to what was dumped" >&2; exit 1; }
    sql postgres <<'SQL'
REVOKE ALL ON DATABASE :"new" FROM PUBLIC;
SQL
    dropdb --if-exists --force --maintenance-db=postgres "$database"
    sql postgres <<'SQL'
ALTER DATABASE :"new" RENAME TO :"name";
SQL
    echo "$dump is $database now: $(wc -l <"$work/digest") tables equal"
done
