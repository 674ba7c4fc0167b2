"""Make what the services need before they can start, and say what was done."""

import asyncio
import os
import sys

from deploy.prepare import databases, environment, keys
from shared import log
from shared.errors import BadSettings
from shared.stream import admin

_log = log.get("prepare")


async def prepare(given: environment.Given) -> None:
    """Databases and topics side by side; each waits for its own server."""
    made, _ = await asyncio.gather(
        admin.ensure_topics(given.bootstrap, single=given.single),
        databases.prepare(given.admin_url, given.database_urls),
    )
    _log.info("topics: %s", f"made {', '.join(made)}" if made else "all are there")


def main() -> None:
    """Read the environment and prepare; an exit code above 0 stops `docker compose up`."""
    log.setup("prepare", "INFO")
    try:
        given = environment.read(os.environ)
        keys.prepare()
        keys.prepare_tls()
        asyncio.run(prepare(given))
    except BadSettings as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("cut off; run it again, it goes on where it was")


if __name__ == "__main__":
    main()
