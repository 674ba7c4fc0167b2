"""The health check of a service's container: is its /readyz 200? Needs the standard library only."""

import http.client
import os
import ssl
import sys

ASK_S = 4.0  # below the check's own time-out in docker-compose.yml


def main() -> int:
    """Print what the service says; 0 when it is ready, else 1."""
    port = int(os.environ["HTTP_PORT"])  # noqa: TID251 - a program of its own, started by Docker
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_S)
    if os.environ.get("HTTP_TLS_CERT_FILE"):  # noqa: TID251
        # our own port, and nothing of ours is said: whose certificate it is does not matter
        unchecked = ssl._create_unverified_context()  # noqa: S323, SLF001
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port, timeout=ASK_S, context=unchecked
        )
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        sys.stdout.write(answer.read(2_000).decode("utf-8", "replace"))
    except OSError as error:
        sys.stdout.write(f"no answer: {error}")
        return 1
    finally:
        connection.close()
    return 0 if answer.status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
