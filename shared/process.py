"""The parts of a running service: consumer, timers, relay, HTTP; their start and their clean end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from shared import log, metrics
from shared.assembly import Service
from shared.clock import StreamClock, monotonic
from shared.db import heads, offsets, outbox, owner, revision, silent, trouble
from shared.errors import BadSettings
from shared.events.topics import consumed_by, produced_by
from shared.settings import ServiceSettings
from shared.stream import admin, erasure, quarantine, simulated_time
from shared.stream.apply import Handle
from shared.stream.consumer import Consumer
from shared.stream.erasure import Erase
from shared.stream.producer import Producer
from shared.stream.relay import Relay
from shared.stream.source import Source
from shared.stream.topic_health import TopicWatch, rows_of
from shared.stream.watch import Stuck, Watch
from shared.web import app as web
from shared.web.guards.auth import Access, Keys, by_token
from shared.web.guards.rates import Rate, Rates
from shared.web.guards.rights import Table
from shared.web.routes.mounted import shared_routers
from shared.web.serving import Server, serving

STUCK = 70  # exit code: what runs us should start another
CONSUMER_END_S = 10.0
END_S = 25.0  # any other part; orchestrators wait 40 s for all

_log = log.get("process")


class Process:
    """Starts the parts of a service in order and ends them in order."""

    def __init__(
        self, service: Service, settings: ServiceSettings, stopping: asyncio.Event
    ) -> None:
        self._service = service
        self._settings = settings
        self._stopping = stopping
        self._starting: str | None = "starting"
        self._since = monotonic()
        kafka = settings.kafka()
        self._producer: Producer | None = None
        self._relay: Relay | None = None
        if produced_by(service.name):
            self._producer = Producer(kafka, service.name)
            self._relay = Relay(service.engine, service.name, self._producer)
        self.consumer: Consumer | None = None
        self._watch: Watch | None = None
        topics = [topic.name for topic in consumed_by(service.name)]
        if set(topics) != set(service.handlers):
            raise BadSettings(
                f"{service.name}: handlers for {sorted(service.handlers)}, topics {sorted(topics)}"
            )
        self._handlers = self._guarded(service)
        if topics:
            self.consumer = Consumer(
                Source(service.name, topics, kafka, service.engine, settings.kafka_session_s),
                service.engine,
                service.clock,
                self._handlers,
                service.timers,
            )
            self._watch = Watch(
                self.consumer,
                kafka,
                service.engine,
                simulated=isinstance(service.clock, StreamClock),
            )
        # our own group is judged by our rows: Kafka may not have been told
        own = (service.name, rows_of(service.engine)) if topics else None
        self._topics = TopicWatch(kafka, own=own)

    @staticmethod
    def _guarded(service: Service) -> Mapping[str, Handle]:
        """The handlers, behind the guard that keeps the erased out."""
        if not service.handlers:
            return {}
        if service.erase is None:
            raise BadSettings(f"{service.name}: reads topics, but cannot erase")
        return {
            topic: erasure.guarded(handle, service.erase, service.erasure_done)
            for topic, handle in service.handlers.items()
        }

    async def run(self, migrations: Path) -> int:
        """Run until told to stop or until a part fails; returns the exit code."""
        server = self._serve()
        parts = [asyncio.create_task(server.serve(), name="http")]
        stop = asyncio.create_task(self._stopping.wait(), name="stop")
        start = asyncio.create_task(self._start(migrations), name="start")
        await asyncio.wait({stop, start, *parts}, return_when=asyncio.FIRST_COMPLETED)
        if start.done() and start.exception() is None and not self._stopping.is_set():
            self._starting = None
            parts += [
                asyncio.create_task(self._task(task), name=f"task {n}")
                for n, task in enumerate(self._service.tasks)
            ]
            if self._service.beside is not None:
                beside = partial(self._service.beside, server.config.app)
                parts.append(asyncio.create_task(self._task(beside), name="task beside"))
            parts.append(asyncio.create_task(heads.tell(self._service.engine), name="audit heads"))
            parts.append(asyncio.create_task(self._topics.run(), name="topics"))
            parts.append(asyncio.create_task(silent.watch(self._service.engine), name="silent"))
            if self.consumer is not None:
                parts.append(asyncio.create_task(self.consumer.run(), name="consumer"))
            if self._watch is not None:
                parts.append(asyncio.create_task(self._watch.run(), name="watch"))
            if self._relay is not None:
                parts.append(asyncio.create_task(self._relay.run(), name="relay"))
            await asyncio.wait({stop, *parts}, return_when=asyncio.FIRST_COMPLETED)
        failed = [part for part in (start, *parts) if part.done() and not part.cancelled()]
        try:
            return self._report(failed)
        finally:
            await self._end(server, [start, stop, *parts])

    @staticmethod
    async def _task(task: Callable[[], Awaitable[None]]) -> None:
        await task()

    def _report(self, ended: Sequence[asyncio.Task[Any]]) -> int:
        code = 0
        for part in ended:
            error = part.exception()
            if isinstance(error, BadSettings):
                raise error
            if isinstance(error, Stuck):
                code = STUCK
            elif error is not None:
                _log.critical("%s failed: the process ends", part.get_name(), exc_info=error)
                code = code or 1
            elif not self._stopping.is_set() and part.get_name() != "start":
                _log.critical("%s ended by itself: the process ends", part.get_name())
                code = code or 1
        return code

    def _serve(self) -> Server:
        service, settings = self._service, self._settings
        keys = Keys(settings.auth_keys_file)
        app = web.create_app(
            service.name,
            [*service.routers, *shared_routers()],
            clock=service.clock,
            access=Access(
                by_token(keys) if service.identify is None else service.identify(keys),
                Table(service.rights),
            ),
            ready=self._waiting,
            facts=self._facts,
            errors=service.errors,
            state={
                "engine": service.engine,
                "handlers": self._handlers,
                "topic_watch": self._topics,
                "is_stuck": lambda: self._watch is not None and self._watch.is_stuck,
                "stopped": {} if self.consumer is None else self.consumer.source.stopped,
                **service.state,
            },
            measure=self._measure,
            rates=Rates(
                Rate(settings.http_rate_per_s, settings.http_burst),
                Rate(settings.http_stranger_rate_per_s, settings.http_stranger_burst),
            ),
        )
        return Server(serving(app, settings))

    async def _measure(self) -> None:
        """What waits in the outbox and in quarantine: counted when somebody asks."""
        async with self._service.engine.connect() as connection:
            count, oldest_s, refused = await outbox.waiting(connection)
            aside = await quarantine.counts(connection)
        metrics.QUARANTINE.set(sum(row["count"] for row in aside))
        metrics.OUTBOX_UNPUBLISHED.set(count)
        metrics.OUTBOX_OLDEST.set(oldest_s)
        metrics.OUTBOX_REFUSED.set(refused)

    def _facts(self) -> Mapping[str, str]:
        consumer = {} if self.consumer is None else self.consumer.facts()
        return {"durability": self._settings.durability, **consumer, **self._service.facts()}

    async def _waiting(self) -> Mapping[str, str]:
        now = monotonic()
        said: dict[str, str] = {}
        if self._watch is not None and self._starting is None:
            said.update(self._watch.says())
        if self.consumer is not None:
            for server, since in self.consumer.waiting.items():
                said[server] = f"waiting for {server}, {now - since:.0f} s"
            for (topic, partition), why in self.consumer.source.stopped.items():
                said[f"{topic}[{partition}]"] = why
        if self._relay is not None:
            said.update(self._relay.waiting())
        if self._starting is not None:
            said["start"] = f"{self._starting}, {now - self._since:.0f} s"
        if self._stopping.is_set():
            said["stop"] = "stopping"
        return {**said, **self._service.waiting()}

    async def _start(self, migrations: Path) -> None:
        """Wait for the database at its newest revision, for topics, for the stored clock."""
        service = self._service
        self._starting = "waiting for PostgreSQL"
        while True:
            try:
                if await revision.is_current(service.engine, migrations):
                    await owner.refuse_power(service.engine)
                    break
                self._starting = "waiting for migrations: `./playcaller migrate`"
            except Exception as error:
                if not trouble.is_passing(error):
                    raise
            _log.warning("%s, %.0f s", self._starting, monotonic() - self._since)
            await asyncio.sleep(1.0)
        await self._put_right()
        if self.consumer is None and self._producer is None:
            return  # no topic of Kafka's concerns it
        self._starting = "waiting for Kafka"
        await admin.wait_for_topics(
            self._settings.kafka(), single=self._settings.durability == "single"
        )
        if isinstance(service.clock, StreamClock):
            async with service.engine.begin() as connection:
                now = simulated_time.clock_of(await offsets.read(connection))
            if now is not None:
                service.clock.advance(now)
        if self._producer is not None:
            await self._producer.start()

    async def _put_right(self) -> None:
        """What the service wants done to its database, and erasures, before anything else."""
        service = self._service
        for work in service.at_start:
            self._starting = "putting the database right"
            await self._patiently(work)
        if service.erase is not None:
            self._starting = "applying erasures"
            await self._patiently(partial(self._erase, service.erase))

    async def _erase(self, erase: Erase) -> None:
        """Whoever is on our list is forgotten before we read on, whatever was restored."""
        service = self._service
        await erasure.at_start(service.engine, service.name, erase, service.clock.now())

    async def _patiently(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do it, as often as PostgreSQL does not let us."""
        while True:
            try:
                await work()
            except Exception as error:
                if not trouble.is_passing(error):
                    raise
                _log.warning("%s, %.0f s", self._starting, monotonic() - self._since)
                await asyncio.sleep(1.0)
            else:
                return

    async def _end(self, server: Server, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Consumer, then relay, then producer, then HTTP: each may need the next."""
        by_name = {task.get_name(): task for task in tasks}
        self._stopping.set()
        if self.consumer is not None:
            self.consumer.stop()
        for name, task in by_name.items():
            if name.startswith(("task", "start")):
                task.cancel()
        await self._ended([task for name, task in by_name.items() if name.startswith("task")])
        # it may wait for a group that is forming; a batch cut short is rolled back, never lost
        await self._ended([by_name[n] for n in ("consumer",) if n in by_name], CONSUMER_END_S)
        if self._relay is not None:
            self._relay.stop()
        await self._ended([by_name[n] for n in ("relay",) if n in by_name])
        if self._producer is not None:
            await self._producer.stop()
        server.should_exit = True
        await self._ended([by_name["http"]])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(work() for work in self._service.at_end))

    @staticmethod
    async def _ended(tasks: Sequence[asyncio.Task[Any]], seconds: float = END_S) -> None:
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                _log.warning("%s did not end in %.0f s: cut short", task.get_name(), seconds)
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
