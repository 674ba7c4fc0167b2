"""Make what the services need before they can start, and say what was done."""

import asyncio
import os
import sys

from deploy.prepare import broker, databases, environment, keys, principals
from shared import log
from shared.errors import BadSettings
from shared.stream import admin

_log = log.get("prepare")


async def prepare(given: environment.Environment) -> None:
    """Databases beside topics and rights; each waits for its own server."""
    await asyncio.gather(
        _prepare_kafka(given),
        databases.prepare(given.admin_url, given.database_urls),
    )


async def _prepare_kafka(given: environment.Environment) -> None:
    made = await admin.ensure_topics(given.kafka, single=given.single)
    _log.info("topics: %s", f"made {', '.join(made)}" if made else "all are there")
    if given.kafka_passwords:
        await principals.prepare(given.kafka, given.kafka_passwords)


def main() -> None:
    """Read the environment and prepare; an exit code above 0 stops `docker compose up`."""
    log.setup("prepare", "INFO")
    try:
        given = environment.read(os.environ)
        keys.prepare()
        keys.prepare_tls()
        broker.prepare()
        asyncio.run(prepare(given))
    except BadSettings as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("cut off; run it again, it goes on where it was")


if __name__ == "__main__":
    main()
