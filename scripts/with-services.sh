#!/bin/sh
# Runs a command beside a PostgreSQL and a Redis of its own, and stops them after it.
# Usage: scripts/with-services.sh COMMAND...
#
# They listen on loopback, on free ports, and keep everything in a temporary folder. The command finds them by
# VIDC_TEST_POSTGRES and VIDC_TEST_REDIS.
set -eu

folder=$(mktemp -d "${TMPDIR:-/tmp}/vidc-services.XXXXXX")
redis=""
# Debian keeps the server's programs out of the path.
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1)")
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb)")

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        su postgres -s /bin/sh -c "$*"
    else
        sh -c "$*"
    fi
}

stop() {
    [ -z "$redis" ] || kill "$redis" 2>/dev/null || true
    as_postgres "$bin/pg_ctl -D $folder/postgres -m immediate stop" >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

pg_port=$(free_port)
redis_port=$(free_port)

mkdir "$folder/postgres"
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$folder"
    chown postgres "$folder/postgres"
fi
as_postgres "$bin/initdb -D $folder/postgres -U vidc -A trust -E UTF8 --locale=C.UTF-8" >/dev/null
as_postgres "$bin/pg_ctl -D $folder/postgres -w -l $folder/postgres/log \
    -o '-p $pg_port -c listen_addresses=127.0.0.1 -k $folder/postgres -c max_connections=200' start" >/dev/null
as_postgres "createdb -h 127.0.0.1 -p $pg_port -U vidc vidc"

redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$folder" --save "" >"$folder/redis.log" 2>&1 &
redis=$!
until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do
    kill -0 "$redis" || { cat "$folder/redis.log" >&2; exit 1; }
done

VIDC_TEST_POSTGRES="postgres://vidc@127.0.0.1:$pg_port/vidc" \
    VIDC_TEST_REDIS="redis://127.0.0.1:$redis_port" \
    "$@"
