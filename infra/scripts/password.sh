#!/bin/sh
# Run once the server has been started: $POSTGRES_USER gets the password of the file $POSTGRES_PASSWORD_FILE, which may be
# newer than the data folder. By the socket in $SOCKETS, where the server trusts whoever is in its pod.
set -eu

tries=1800
until psql --no-psqlrc --quiet --host="$SOCKETS" --username="$POSTGRES_USER" --dbname=postgres \
    --set=ON_ERROR_STOP=1 --set=name="$POSTGRES_USER" <<'SQL'
\set password `cat "$POSTGRES_PASSWORD_FILE"`
-- Else the log would hold it when the disk is slow.
SET log_min_duration_statement = -1;
ALTER ROLE :"name" PASSWORD :'password';
SQL
do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "the server does not answer" >&2; exit 1; }
    sleep 1
done
