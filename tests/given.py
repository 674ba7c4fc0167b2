"""Settings with which every service would start: tests change one of them."""

from tests.signed import signing_file

ENVIRON = {
    "DATABASE_URL": "postgresql://pc:x@127.0.0.1:1/x",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "MQTT_URL": "mqtt://ingest:x@127.0.0.1:1",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "0",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "CONSOLE_SIGNING_KEY_FILE": str(signing_file()),
    "CONSOLE_SEAL_KEY": "9f1c2ab3" * 8,
    "HTTP_TLS_CERT_FILE": "server.pem",
    "HTTP_TLS_KEY_FILE": "server-key.pem",
}
