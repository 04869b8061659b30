#!/bin/sh
# Dumps each of $DATABASES to the bucket, with the digest of each table as of the same instant, then removes what is
# older than $KEEP_DAYS days. PGHOST, PGPORT and PGUSER are set; the password is the file $ADMIN_PASSWORD_FILE.
set -eu

scripts=$(dirname "$0")
. "$scripts/bucket.sh"
. "$scripts/administrator.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stamp=$(date -u +%Y%m%dT%H%M%SZ)
oldest=$(date -u -d "@$(($(date +%s) - KEEP_DAYS * 86400))" +%Y%m%dT%H%M%SZ)

for PGDATABASE in $DATABASES; do
    DUMP="$work/$PGDATABASE.dump" DIGEST="$work/$PGDATABASE.digest"
    export PGDATABASE DUMP DIGEST
    # The session that digests lends its snapshot to the dump, so that the two are of one instant.
    psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 <<SQL
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump --format=custom --no-owner --no-privileges --snapshot="\$SNAPSHOT" --file="\$DUMP.part" && mv "\$DUMP.part" "\$DUMP"
\o $DIGEST
\i $scripts/digest.sql
SQL
    [ -f "$DUMP" ] || { echo "$PGDATABASE could not be dumped" >&2; exit 1; }
    # The digest goes first: a dump that is listed has one.
    put "$DIGEST" "$PGDATABASE/$stamp.digest"
    put "$DUMP" "$PGDATABASE/$stamp.dump"
    echo "$PGDATABASE/$stamp.dump: $(wc -c <"$DUMP") bytes, $(wc -l <"$DIGEST") tables"
    for object in $(list "$PGDATABASE"); do
        made=$(basename "$object")
        if [ "${made%%.*}" \< "$oldest" ]; then
            remove "$object"
            echo "$object: removed, older than $KEEP_DAYS days"
        fi
    done
    rm -f "$DUMP" "$DIGEST"
done
