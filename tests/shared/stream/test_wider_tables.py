"""An expanding migration disturbs no running release: a column more in every table of a service.

The release that runs has its statements prepared already; it hits each once, tries again as the run
loop does, and goes on.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import asyncpg
import msgspec
import pytest

from services.ingest.edges import consumer as ingest
from services.ingest.store.store import Store as IngestStore
from services.journey.domain.rules import Rules as JourneyRules
from services.journey.edges import consumer as journey
from services.journey.settings import Settings as JourneySettings
from services.journey.store.store import Store as JourneyStore
from services.journey.wiring import load_map
from services.support.domain.rules import Rules
from services.support.edges import consumer as support
from services.support.handlers.faults.fire_due import fire_due
from services.support.store.store import Store
from shared.db import offsets, trouble
from shared.db.engine import make_engine
from shared.events import Beacon, Dropped, Erased, ErasureDone, Telemetry, codec
from shared.events.samples import SAMPLES
from shared.events.topics import consumed_by
from shared.stream import apply
from shared.stream.batch import Batch, take
from shared.stream.timers import Timer, Timers
from tests.analytics import player
from tests.units import units

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
MAP = load_map(
    JourneySettings.model_construct(journey_map=JourneySettings.model_fields["journey_map"].default)
)
SUPPORT = units("support", Store, Rules())
INGEST = units("ingest", IngestStore)
JOURNEY = units("journey", JourneyStore, JourneyRules(MAP))
# service: handlers by topic, timers
SERVICES = {
    "analytics": (player.HANDLERS, [player.close_days]),
    "ingest": (INGEST.handlers(ingest.HANDLERS), []),
    "journey": (
        JOURNEY.handlers(journey.HANDLERS),
        [JOURNEY.due(fire) for fire, _ in journey.timers(daily=True)],
    ),
    "support": (SUPPORT.handlers(support.HANDLERS), [SUPPORT.due(fire_due)]),
}


def records(service, round_):
    """Every sample of every topic the service reads, as Kafka would give them in a round."""
    made = defaultdict(list)
    by_topic = defaultdict(list)
    for event in SAMPLES:
        if not isinstance(event, Beacon | Erased | ErasureDone):
            by_topic[event.TOPIC].append(event)
    for topic in consumed_by(service):
        events = [e for e in by_topic[topic.name] if not (isinstance(e, Dropped) and round_)]
        for n, event in enumerate(events):
            at = event.at + timedelta(days=round_)
            changed = {"at": at}
            if isinstance(event, Telemetry) and event.seq is not None:
                changed["seq"] = 10_000 * round_ + 100 * n
            value = codec.encode(msgspec.structs.replace(event, **changed))
            made[topic.name].append(
                SimpleNamespace(
                    topic=topic.name, partition=0, offset=round_ * 1_000 + n, key=b"c:cus-000009",
                    value=value, headers=[("ce_id", b"%d-%d" % (round_, n)), ("ce_source", topic.name.encode())],
                    timestamp=int((NOW + timedelta(days=round_)).timestamp() * 1000),
                )
            )  # fmt: skip
    return made


async def again_if_passing(step):
    """As the run loop does; how often it had to."""
    for tries in range(200):
        try:
            await step()
        except Exception as error:
            if not trouble.is_passing(error):
                raise
        else:
            return tries
    pytest.fail("it never goes through")


async def live_through(engine, service, round_):
    """One round of everything: every handler with its topic, then every timer."""
    handlers, fires = SERVICES[service]
    now = NOW + timedelta(days=round_)
    tries = 0
    for topic, listed in records(service, round_).items():

        async def batch(topic=topic, listed=listed):
            async with engine.begin() as connection:
                await offsets.begin(connection, {(topic, 0): 0})
                position = (await offsets.read(connection))[topic, 0]
            work = Batch(topic)
            take(work, position, listed, until=None, limit=1_000)
            assert work.aside == []
            await apply.apply(engine, service, work, handlers[topic], now)

        tries += await again_if_passing(batch)
    timers = Timers(engine, service, [Timer(one) for one in fires])

    async def fire():
        assert await timers.fire(now + timedelta(days=3), None)
        assert timers.waiting == 0

    return tries + await again_if_passing(fire)


@pytest.mark.servers
@pytest.mark.parametrize("service", sorted(SERVICES))
async def test_a_column_more_in_every_table_disturbs_no_running_release(postgres, service):
    url = await postgres.migrated(service, "wider")
    engine = make_engine(url, pool=1)
    await live_through(engine, service, 0)
    admin = await asyncpg.connect(postgres.owner_of(url).replace("+asyncpg", ""))
    database = url.rpartition("/")[2]
    await admin.execute(f'SET ROLE "{database}_owner"')
    tables = await admin.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")  # fmt: skip
    for (table,) in tables:
        await admin.execute(f"ALTER TABLE \"{table}\" ADD COLUMN added_later text DEFAULT 'x'")
    await admin.close()
    for round_ in (1, 2):
        tries = await live_through(engine, service, round_)
    assert tries == 0, "after one round everything is prepared anew"
    await engine.dispose()
