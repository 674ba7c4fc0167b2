#!/bin/sh
# Writes .env beside docker-compose.yml with new random passwords, readable by its owner only.
# An .env that is there is kept: its passwords are the ones in the database.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
    echo ".env is there already and was not changed." >&2
    echo "For new passwords delete it and type this again, then: docker compose up -d" >&2
    exit 1
fi
new_password() { od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
half=".env.$$"
trap 'rm -f "$half"' EXIT
{
    echo "# Written by deploy/new-env.sh; docker-compose.yml reads it. Not for the repository."
    for name in POSTGRES INGEST_DB JOURNEY_DB SUPPORT_DB ANALYTICS_DB CONSOLE_DB; do
        echo "${name}_PASSWORD=$(new_password)"
    done
} >"$half"
mv "$half" .env
trap - EXIT
echo "Wrote .env with six new passwords. Next: docker compose up --build -d"
