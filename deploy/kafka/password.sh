#!/bin/bash
# Gives one of Kafka's own two users, `broker` or `prepare`, another password: the one on standard
# input. Put it into secrets/ afterwards and start kafka anew (docs/how-to/supply-chain.md).
#   docker compose exec -T kafka bash /etc/playcaller/kafka/password.sh broker <new-password
set -euo pipefail
case ${1-} in broker | prepare) ;; *) echo "name broker or prepare" >&2 && exit 2 ;; esac
umask 077
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
new=$(tr -d '[:space:]')
[ ${#new} -ge 24 ] || { echo "the password on standard input has fewer than 24 characters" >&2; exit 2; }
now=$(tr -d '[:space:]' <"${KAFKA_SECRETS:-/run/secrets}/kafka_prepare_password")
cat >"$own/login.properties" <<END
security.protocol=SASL_PLAINTEXT
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="prepare" password="$now";
END
KAFKA_HEAP_OPTS=-Xmx128m "${KAFKA_HOME:-/opt/kafka}/bin/kafka-configs.sh" \
    --bootstrap-server "${KAFKA_BOOTSTRAP:-kafka:9092}" --command-config "$own/login.properties" \
    --alter --entity-type users --entity-name "$1" --add-config "SCRAM-SHA-512=[password=$new]"
