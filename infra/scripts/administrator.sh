# Sourced: makes whoever sources it the administrator of the server at $PGHOST and $PGPORT, as $PGUSER with the password
# in the file $ADMIN_PASSWORD_FILE, and waits a minute for that server. A new pod is let out only once its node has heard
# of its policies, so being refused at first means nothing.

PGPASSWORD=$(cat "$ADMIN_PASSWORD_FILE")
PGTZ=UTC
export PGPASSWORD PGTZ

tries=60
until pg_isready --quiet --timeout=3; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "$PGHOST does not answer" >&2; exit 1; }
    sleep 1
done
