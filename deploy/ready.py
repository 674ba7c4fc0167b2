"""The health check of a service's container: is its /readyz 200? Needs the standard library only."""

import http.client
import os
import sys

ASK_S = 4.0  # below the check's own time-out in docker-compose.yml


def main() -> int:
    """Print what the service says; 0 when it is ready, else 1."""
    port = int(os.environ["HTTP_PORT"])  # noqa: TID251 - a program of its own, started by Docker
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_S)
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
