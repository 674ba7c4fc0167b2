#!/bin/bash
# Starts Kafka in its container: formats the log once, with the two users that nothing else could
# make (the broker itself, and `prepare`, which makes the services'); then runs the broker.
set -euo pipefail
home=${KAFKA_HOME:-/opt/kafka}
config=${KAFKA_CONFIG:-/etc/playcaller/kafka/server.properties}
secrets=${KAFKA_SECRETS:-/run/secrets}
own=$(mktemp -d)
umask 077
password() { tr -d '[:space:]' <"$secrets/kafka_$1_password"; }

data=$(sed -n 's/^log\.dirs=//p' "$config")
if [ ! -e "$data/meta.properties" ]; then
    # seen in this container only, and only while it formats
    "$home/bin/kafka-storage.sh" format -t cGxheWNhbGxlci1jbXBvcw -c "$config" \
        --add-scram "SCRAM-SHA-512=[name=broker,password=$(password broker)]" \
        --add-scram "SCRAM-SHA-512=[name=prepare,password=$(password prepare)]"
fi

login="org.apache.kafka.common.security.scram.ScramLoginModule required"
login="$login username=\"broker\" password=\"$(password broker)\";"
cp "$config" "$own/server.properties"
for listener in inside controller; do
    echo "listener.name.$listener.scram-sha-512.sasl.jaas.config=$login" >>"$own/server.properties"
done
exec "$home/bin/kafka-server-start.sh" "$own/server.properties"
