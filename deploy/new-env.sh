#!/bin/sh
# Writes a secret into each file of secrets/ that docker-compose.yml names and that is not there yet.
# What is there stays: to change a secret, delete its file and type this again
# (docs/how-to/supply-chain.md says what to start anew).
#
# Nobody but the owner gets into the folder (0700). The files in it are readable (0444) because
# containers get each one mounted as it is, and run as other users than you.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
chmod 700 secrets
half="secrets/.half.$$"
trap 'rm -f "$half"' EXIT
written=0
new_password() { od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'; }
new_key() { od -An -N 32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # keep NAME CONTENT
    if [ ! -e "secrets/$1" ]; then
        printf '%s\n' "$2" >"$half"
        chmod 444 "$half"
        mv "$half" "secrets/$1"
        written=$((written + 1))
    fi
}

# an installation from before there was secrets/ has it in .env, and in the volume `postgres`
before=$(sed -n 's/^POSTGRES_PASSWORD=//p' .env 2>/dev/null || true)
keep postgres_password "${before:-$(new_password)}"
keep admin_database_url "postgresql://postgres:$(cat secrets/postgres_password)@postgres:5432/postgres"
for service in ingest journey support analytics console; do
    keep "${service}_database_url" "postgresql://$service:$(new_password)@postgres:5432/$service"
done
for user in broker prepare ingest journey support analytics console; do
    keep "kafka_${user}_password" "$(new_password)"
done
keep console_seal_key "$(new_key)"
echo "Wrote $written new secrets to secrets/. Next: docker compose up --build -d"
