"""The health check of a container."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy import ready
from shared.clock import wall_now
from shared.pki_files import PkiFiles


class Answers(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(b'{"state": "as asked"}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answers]]:
    class Mine(Answers):
        pass

    made = HTTPServer(("127.0.0.1", 0), Mine)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HTTP_PORT", str(made.server_port))
    yield Mine
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_only_200_is_healthy(
    server: type[Answers], capsys: pytest.CaptureFixture[str], status: int, code: int
) -> None:
    server.status = status
    assert ready.main() == code
    assert "as asked" in capsys.readouterr().out


def test_no_answer_is_unhealthy(
    free_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTTP_PORT", str(free_port))
    assert ready.main() == 1
    assert "no answer" in capsys.readouterr().out


def test_console_is_asked_over_https(tmp_path, monkeypatch) -> None:
    files = PkiFiles(tmp_path).ensure(wall_now())
    made = HTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.server, files.server_key)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HTTP_PORT", str(made.server_port))
    monkeypatch.setenv("HTTP_TLS_CERT_FILE", str(files.server))
    assert ready.main() == 0
    made.shutdown()
    thread.join()
    made.server_close()
