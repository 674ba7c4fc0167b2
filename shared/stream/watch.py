"""Watches a consumer from beside it: says what it lacks, and ends a process that is stuck."""

import asyncio

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log
from shared.clock import monotonic
from shared.stream.cluster import Where, options
from shared.stream.consumer import Consumer
from shared.stream.watchdog import LOOK_S, Sight, Watchdog

ANSWER_S = 5.0

_log = log.get("stream.watch")


class Stuck(Exception):
    """The servers answer and the consumer does not get on: only a new process helps."""


class Watch:
    """Looks every second; `says` is for /readyz, `is_stuck` for /livez."""

    def __init__(
        self, consumer: Consumer, kafka: Where, engine: AsyncEngine, *, simulated: bool = False
    ) -> None:
        self.is_stuck = False
        self._consumer = consumer
        self._kafka = kafka
        self._engine = engine
        self._simulated = simulated
        self._dog = Watchdog(monotonic())

    def says(self) -> dict[str, str]:
        """What the consumer lacks, a sentence each."""
        return self._dog.says()

    async def run(self) -> None:
        """Watch until the process ends. Raises: Stuck: it has to."""
        while True:
            self._dog.see(monotonic(), self._sight())
            why = self._dog.stuck()
            if why is not None:
                if (away := await self._away()) is None:
                    self.is_stuck = True
                    _log.critical("%s, though Kafka and PostgreSQL answer: leaving", why)
                    raise Stuck(why)
                _log.warning("%s; %s does not answer", why, away)
                self._dog.excuse()
            await asyncio.sleep(LOOK_S)

    def _sight(self) -> Sight:
        """What there is to see; records that wait for simulated time are no work yet."""
        seen = self._consumer.source.sight()
        return seen._replace(unread=self._consumer.has_work()) if self._simulated else seen

    async def _away(self) -> str | None:
        """Which server does not answer a client of its own; None: all do."""
        try:
            async with asyncio.timeout(ANSWER_S), self._engine.connect() as connection:
                await connection.execute(text("SELECT true"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return "PostgreSQL"
        client = AIOKafkaClient(**options(self._kafka))
        try:
            async with asyncio.timeout(ANSWER_S):
                await client.bootstrap()
        except (KafkaError, OSError, TimeoutError):
            return "Kafka"
        finally:
            await client.close()
        return None
