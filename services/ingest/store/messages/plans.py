"""Stores what a plan wants stored before the broker may forget, and who was heard when."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.domain.buckets.beacons import BucketClocks, Tick
from services.ingest.domain.failure import failure
from services.ingest.domain.messages.judge import MANY_BOOTS
from services.ingest.domain.rejects.rejects import Reject
from services.ingest.domain.sources import changes
from services.ingest.domain.sources.firmware import KEPT, Told
from services.ingest.errors import Away
from services.ingest.handlers.messages.plan import Plan, Unclaimed
from services.ingest.store.customers.erasing import Erasing
from services.ingest.store.messages.apart import bare_fact, bare_reject, store_apart
from services.ingest.store.rejects.rejects import Rejects
from services.ingest.store.sources.firmware import write_told
from services.ingest.store.sources.sources import Sources
from services.ingest.store.tables import boot, bucket
from shared import log
from shared.clock import Clock, StreamClock
from shared.db import rows, trouble
from shared.events import Beacon, RegistryChanged
from shared.stream.transaction import Transaction, transaction

_HEARD = text(
    """UPDATE source s SET last_seen = v.at
    FROM unnest(CAST(:ids AS text[]), CAST(:ats AS timestamptz[])) AS v(id, at)
    WHERE s.id = v.id AND (s.last_seen IS NULL OR s.last_seen < v.at)"""
)
_BOOTS = text(
    """INSERT INTO boot AS b (source, boot, first_seen, last_seen)
    SELECT source, boot, at, at
    FROM unnest(CAST(:sources AS text[]), CAST(:boots AS text[]), CAST(:ats AS timestamptz[]))
      AS v(source, boot, at)
    ORDER BY source, boot
    ON CONFLICT (source, boot) DO UPDATE SET last_seen = greatest(b.last_seen, EXCLUDED.last_seen)"""
)

_log = log.get("ingest.plans")


class PlanStore:
    """Writes for the bridge."""

    def __init__(self, engine: AsyncEngine, clock: Clock, clocks: BucketClocks, owned: str) -> None:
        self._engine = engine
        self._clock = clock
        self._clocks = clocks
        self._owned = owned
        self._heard: dict[str, datetime] = {}
        self._boots: dict[tuple[str, str], datetime] = {}
        self._told: dict[str, list[Told]] = {}

    async def save_facts(self, facts: Sequence[Unclaimed]) -> None:
        """Keep what sources told that nobody owns yet; to be done before Kafka has the records.

        Raises: Away: nothing is lost, save them all again.
        """
        if facts and not await self._tried(partial(self._facts, facts)):
            await store_apart(facts, self._facts, bare_fact)

    async def save(self, plan: Plan) -> None:
        """Store facts, rejects, cures and bucket clocks; then move the service's clock.

        Raises: Away: nothing is lost, save them all again.
        """
        await self.save_facts(plan.facts)
        simulated = self._clocks.simulated(self._owned) if plan.ticks else None
        refused = [reject for _, reject in plan.rejects]
        if not (refused or plan.cured or plan.ticks):
            return
        if not await self._tried(partial(self._write, refused, plan, simulated)):
            await store_apart(refused, self._rejects, bare_reject)
            if not await self._tried(partial(self._write, [], plan, simulated)):
                raise Away("neither cures nor clocks can be stored")
        if simulated is not None and isinstance(self._clock, StreamClock):
            self._clock.advance(simulated)

    @staticmethod
    async def _tried(step: Callable[[], Awaitable[None]]) -> bool:
        """False: the database refuses it for good. Raises: Away."""
        try:
            await step()
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            _log.error("the database refuses it: half by half now", extra=failure(error))
            return False
        return True

    async def _write(
        self, refused: Sequence[Reject], plan: Plan, simulated: datetime | None
    ) -> None:
        async with transaction(self._engine, "ingest", self._clock.now()) as tx:
            rejects = Rejects(tx.connection)
            if refused:
                await rejects.add(await Erasing(tx.connection).without_words(refused))
            if plan.cured:
                await rejects.cured(plan.cured)
            await self._ticks(tx, plan.ticks, simulated)

    async def _rejects(self, refused: Sequence[Reject]) -> None:
        async with transaction(self._engine, "ingest", self._clock.now()) as tx:
            await Rejects(tx.connection).add(await Erasing(tx.connection).without_words(refused))

    async def _facts(self, facts: Sequence[Unclaimed]) -> None:
        """Keep facts of unclaimed sources; those claimed meanwhile are adopted at once."""
        async with transaction(self._engine, "ingest", self._clock.now()) as tx:
            await self._adopt_or_keep(tx, facts)

    @staticmethod
    async def _adopt_or_keep(tx: Transaction, facts: Sequence[Unclaimed]) -> None:
        store = Sources(tx.connection)
        sources = await store.lock({fact.source for fact in facts})
        kept = []
        for fact in facts:
            source = sources.get(fact.source)
            news = _fact(fact)
            if source is None or source.owner is None:
                kept.append(news)
            elif news.at >= tx.now - changes.ADOPTED_AGE:
                adopted = changes.adopted(source, news)
                tx.emit(adopted, key=f"d:{source.id}", cause=fact.id, kind="adopted")
        await store.add_facts(kept)

    @staticmethod
    async def _ticks(tx: Transaction, ticks: dict[str, Tick], simulated: datetime | None) -> None:
        if not ticks:
            return
        written = [
            {"bucket": name, "now": tick.now, "step_s": tick.step_s} for name, tick in ticks.items()
        ]
        await rows.upsert(tx.connection, bucket, written)
        if simulated is not None:
            step_s = max(tick.step_s for tick in ticks.values())
            beacon = Beacon(at=simulated, origins=["ingest"], step_s=step_s)
            tx.emit_beacon(beacon, RegistryChanged.TOPIC)

    def hear(self, plan: Plan) -> None:
        """Remember who was heard, for the next `write_heard`."""
        self._heard.update(plan.heard)
        self._boots.update(plan.boots)
        for source, told in plan.firmware.items():
            self._told[source] = [*self._told.get(source, ()), *told][-KEPT:]

    async def write_heard(self) -> None:
        """Write `last_seen` of sources and boots heard since the last time, and what they run.

        Raises: Away: they are written next time.
        """
        heard, boots, told = self._heard, self._boots, self._told
        if not heard and not boots and not told:
            return
        self._heard, self._boots, self._told = {}, {}, {}
        try:
            async with self._engine.begin() as connection:
                await _write_heard(connection, heard)
                await _write_boots(connection, boots)
                await write_told(connection, told)
        except Exception as error:
            if not trouble.is_passing(error):  # the next word of them is written again
                _log.error("left out who was heard: %d sources", len(heard), extra=failure(error))
                return
            self._heard, self._boots = {**heard, **self._heard}, {**boots, **self._boots}
            self._told = {
                source: [*told.get(source, ()), *self._told.get(source, ())][-KEPT:]
                for source in {**told, **self._told}
            }
            raise Away(str(error)) from error

    async def expire(self) -> None:
        """Delete what need not be kept longer. Raises: Away."""
        try:
            while True:
                async with self._engine.begin() as connection:
                    if await Rejects(connection).expire() < 1_000:
                        return
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise

    async def buckets(self) -> tuple[set[str], dict[str, Tick]]:
        """Buckets that have had a session, and bucket clocks as they were."""
        async with self._engine.connect() as connection:
            bucket_rows = (await connection.execute(select(bucket))).all()
        known = {row.bucket for row in bucket_rows if row.connected_at is not None}
        return known, {r.bucket: Tick(r.now, r.step_s) for r in bucket_rows if r.now is not None}

    async def contacts(self) -> dict[str, datetime]:
        """When we last had everything that the broker had, by bucket."""
        query = select(bucket.c.bucket, bucket.c.contact_at).where(bucket.c.contact_at.is_not(None))
        async with self._engine.connect() as connection:
            return {row.bucket: row.contact_at for row in await connection.execute(query)}

    async def write_contacts(self, contacts: dict[str, datetime]) -> None:
        """Keep them. Raises: Away."""
        written = [{"bucket": name, "contact_at": at} for name, at in sorted(contacts.items())]
        if not written:
            return
        try:
            async with self._engine.begin() as connection:
                await rows.upsert(connection, bucket, written)
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise

    async def connected(self, name: str, now: datetime) -> None:
        """A bucket has its first session. Raises: Away."""
        try:
            async with self._engine.begin() as connection:
                await rows.upsert(connection, bucket, [{"bucket": name, "connected_at": now}])
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise


def _fact(fact: Unclaimed) -> RegistryChanged:
    event = fact.event
    return RegistryChanged(
        at=event.at,
        change="adopted",
        source=fact.source,
        kind="device",
        version=0,
        firmware=getattr(event, "to_firmware", None) or event.firmware,
        adopted=event.type_name(),  # type: ignore[arg-type]
        adopted_id=fact.id,
        platform=getattr(event, "platform", None),
    )


async def _write_heard(connection: AsyncConnection, heard: dict[str, datetime]) -> None:
    if heard:
        ids = sorted(heard)
        await connection.execute(_HEARD, {"ids": ids, "ats": [heard[i] for i in ids]})


async def _write_boots(connection: AsyncConnection, boots: dict[tuple[str, str], datetime]) -> None:
    if not boots:
        return
    keys = sorted(boots)
    arrays = {
        "sources": [source for source, _ in keys],
        "boots": [name for _, name in keys],
        "ats": [boots[key] for key in keys],
    }
    await connection.execute(_BOOTS, arrays)
    latest = max(boots.values())
    count = func.count()
    many = (
        select(boot.c.source, count)
        .where(boot.c.source.in_({source for source, _ in keys}))
        .where(boot.c.first_seen > latest - changes.DAY)
        .group_by(boot.c.source)
        .having(count >= MANY_BOOTS)
    )
    for source, n in await connection.execute(many):
        _log.error("%s began %d boots in a day: is its counter stored?", source, n)
