# Sourced: waits for the server at $PGHOST and $PGPORT, for a minute. A new pod is let out only once its node has heard
# of its policies, so being refused at first means nothing.

reach() {
    tries=60
    until pg_isready --quiet --timeout=3; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "$PGHOST does not answer" >&2; return 1; }
        sleep 1
    done
}
