#!/bin/sh
# run.sh [CONFIG [FOLDER]]: starts mosquitto, and lets it read its files again (SIGHUP) whenever
# ingest has replaced one of them. Ingest is in another container and can send it no signal.
set -eu
config=${1:-/mosquitto/config/mosquitto.conf}
folder=${2:-/mosquitto/broker}

replaced() { stat -c '%i %Y' "$folder/passwords" "$folder/revoked.pem" 2>/dev/null || true; }

read_by_broker=$(replaced)
mosquitto -c "$config" &
broker=$!
trap 'kill -TERM "$broker" 2>/dev/null || true' TERM INT
while kill -0 "$broker" 2>/dev/null; do
    sleep 1
    now=$(replaced)
    if [ "$now" != "$read_by_broker" ]; then
        read_by_broker=$now
        kill -HUP "$broker" 2>/dev/null || true
    fi
done
wait "$broker"
