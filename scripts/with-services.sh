#!/bin/sh
# Runs a command with its own PostgreSQL, Redis, Redis Cluster and S3 server, and stops them afterwards.
# Usage: scripts/with-services.sh COMMAND...
#
# They listen on free ports of the loopback interface and store everything in a temporary folder. These variables tell
# the command about them:
#   VIDC_TEST_POSTGRES, VIDC_TEST_REDIS, VIDC_TEST_REDIS_CLUSTER   their URLs
#   VIDC_TEST_S3             the endpoint of the S3 server, which has a bucket `vidc`
#   VIDC_TEST_S3_PROGRAM     the S3 server, for tests that start and stop their own
#   VIDC_TEST_POSTGRES_BIN   the folder of PostgreSQL's programs, for the same
#   VIDC_TEST_SCHEMATHESIS   the program schemathesis
set -eu

folder=$(mktemp -d "${TMPDIR:-/tmp}/vidc-services.XXXXXX")
started=""
s3=$(realpath "${CARGO_TARGET_DIR:-target}/tools/bin/ministack")
# Debian does not put the server's programs on the path.
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
    # $started is a list of process IDs, split on purpose.
    # shellcheck disable=SC2086
    [ -z "$started" ] || kill $started 2>/dev/null || true
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
cluster_port=$(free_port)
s3_port=$(free_port)

mkdir "$folder/postgres"
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$folder"
    chown postgres "$folder/postgres"
fi
as_postgres "$bin/initdb -D $folder/postgres -U vidc -A trust -E UTF8 --locale=C.UTF-8" >/dev/null
as_postgres "$bin/pg_ctl -D $folder/postgres -w -l $folder/postgres/log \
    -o '-p $pg_port -c listen_addresses=127.0.0.1 -k $folder/postgres -c max_connections=200' start" >/dev/null
as_postgres "createdb -h 127.0.0.1 -p $pg_port -U vidc vidc"

# wait_for PID LOG COMMAND…: waits until COMMAND succeeds; fails with the log if the process ends before that.
wait_for() {
    pid=$1 log=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        kill -0 "$pid" || { cat "$log" >&2; exit 1; }
        sleep 0.1
    done
}

redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$folder" --save "" >"$folder/redis.log" 2>&1 &
redis=$!
mkdir "$folder/cluster"
redis-server --port "$cluster_port" --bind 127.0.0.1 --dir "$folder/cluster" --save "" --cluster-enabled yes \
    --cluster-port "$(free_port)" >"$folder/cluster.log" 2>&1 &
cluster=$!
BIND_HOST=127.0.0.1 GATEWAY_PORT=$s3_port S3_PERSIST=1 S3_DATA_DIR="$folder/s3" STATE_DIR="$folder/state" \
    "$s3" >"$folder/s3.log" 2>&1 &
objects=$!
started="$redis $cluster $objects"
wait_for "$redis" "$folder/redis.log" redis-cli -p "$redis_port" ping
wait_for "$cluster" "$folder/cluster.log" redis-cli -p "$cluster_port" ping
redis-cli -p "$cluster_port" cluster addslotsrange 0 16383 >/dev/null
wait_for "$objects" "$folder/s3.log" \
    python3 -c "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:$s3_port/vidc', method='PUT'))"

VIDC_TEST_POSTGRES_BIN="$bin" \
    VIDC_TEST_POSTGRES="postgres://vidc@127.0.0.1:$pg_port/vidc" \
    VIDC_TEST_REDIS="redis://127.0.0.1:$redis_port" \
    VIDC_TEST_REDIS_CLUSTER="redis://127.0.0.1:$cluster_port" \
    VIDC_TEST_S3="http://127.0.0.1:$s3_port" \
    VIDC_TEST_S3_PROGRAM="$s3" \
    VIDC_TEST_SCHEMATHESIS="$(dirname "$s3")/schemathesis" \
    "$@"
