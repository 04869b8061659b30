#!/bin/sh
# Restores the newest dump of each of $DATABASES into a scratch database, and fails unless every table has the rows that
# were digested when it was dumped. PGHOST, PGPORT and PGUSER are set; the password is the file $ADMIN_PASSWORD_FILE.
set -eu

scripts=$(dirname "$0")
. "$scripts/bucket.sh"
. "$scripts/administrator.sh"

work=$(mktemp -d)
scratch=
clean() {
    [ -z "$scratch" ] || dropdb --if-exists --force --maintenance-db=postgres "$scratch"
    rm -rf "$work"
}
trap clean EXIT

for database in $DATABASES; do
    newest=$(list "$database" | grep '\.dump$' | tail -n 1)
    [ -n "$newest" ] || { echo "$database has no backup" >&2; exit 1; }
    fetch "$newest" "$work/dump"
    fetch "${newest%.dump}.digest" "$work/digest"
    scratch="restore_check_$database"
    dropdb --if-exists --force --maintenance-db=postgres "$scratch"
    createdb --maintenance-db=postgres --template=template0 "$scratch"
    pg_restore --dbname="$scratch" --no-owner --no-privileges --exit-on-error "$work/dump"
    psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$scratch" \
        --file="$scripts/digest.sql" >"$work/restored"
    diff "$work/digest" "$work/restored" || { echo "$newest does not restore to what was dumped" >&2; exit 1; }
    dropdb --force --maintenance-db=postgres "$scratch"
    scratch=
    echo "$newest restores: $(wc -l <"$work/digest") tables equal"
done
