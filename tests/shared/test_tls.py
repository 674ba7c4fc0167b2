"""HTTP beyond this machine is TLS, or somebody has said in writing why not."""

import pytest

from services.support.settings import Settings
from shared.clock import wall_now
from shared.errors import BadSettings
from shared.pki_files import PkiFiles
from shared.settings import load
from shared.web.serving import tls_arguments

ENVIRON = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1/x",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "0",
}
TLS = {"HTTP_TLS_CERT_FILE": "server.pem", "HTTP_TLS_KEY_FILE": "server-key.pem"}


def settings(**more: str) -> Settings:
    return load(Settings, "support", {**ENVIRON, **more})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_may_be_plain(host):
    assert tls_arguments(settings(HTTP_HOST=host)) == {}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "support.example.org"])  # noqa: S104
def test_elsewhere_it_is_tls_or_a_choice_in_writing(host):
    with pytest.raises(BadSettings, match="HTTP_PLAIN_BEHIND_PROXY=yes"):
        settings(HTTP_HOST=host)
    settings(HTTP_HOST=host, HTTP_PLAIN_BEHIND_PROXY="yes")
    settings(HTTP_HOST=host, **TLS)


@pytest.mark.parametrize("name", TLS)
def test_certificate_and_key_come_together(name):
    with pytest.raises(BadSettings, match="HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE come together"):
        settings(**{name: "x.pem"})


def test_a_certificate_that_is_none_stops_the_start_by_name(tmp_path):
    files = PkiFiles(tmp_path).ensure(wall_now())
    right = {"HTTP_TLS_CERT_FILE": str(files.server), "HTTP_TLS_KEY_FILE": str(files.server_key)}
    assert tls_arguments(settings(**right)).keys() == {"ssl_certfile", "ssl_keyfile"}
    for wrong in (
        {"HTTP_TLS_CERT_FILE": str(tmp_path / "none.pem")},
        {"HTTP_TLS_KEY_FILE": str(files.server)},
        {"HTTP_TLS_KEY_FILE": str(files.ca_key)},  # of another certificate
    ):
        with pytest.raises(BadSettings, match="HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE"):
            tls_arguments(settings(**{**right, **wrong}))
