#!/bin/sh
# Runs the server by its launcher, which passes signals on; not every distribution has the script that does so.
set -eu

exec "$JAVA" -Xms4m -Xmx64m -XX:+UseSerialGC -cp "$ES_HOME/lib/tools/server-launcher/*" \
    org.elasticsearch.server.launcher.ServerLauncher
