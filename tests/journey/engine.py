"""Journey with a playbook, its units begun by hand, its mails sent for real."""

from datetime import timedelta

from sqlalchemy import text

from services.journey.domain.rules import Rules
from services.journey.edges.consumer import HANDLERS, timers
from services.journey.edges.courier import kinds
from services.journey.edges.courier.post import Post
from services.journey.handlers.plays.publish import publish
from services.journey.store.store import Store
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.events import AppError, SetupCompleted, SetupStarted
from shared.stream.transaction import transaction
from tests.journey.conftest import MAP, START, SetClock, record
from tests.journey.plays import playbook
from tests.units import units

HOUR = timedelta(hours=1)
NOON = START + 12 * HOUR


class Engine:
    """Journey with a playbook."""

    def __init__(self, engine, *plays, smtp="smtp://127.0.0.1:1", rules=None, **more):
        self.engine = engine
        self.clock = SetClock()
        self.rules = rules or Rules(MAP, playbook(*plays, **more))
        self.units = units("journey", Store, self.rules, engine, self.clock)
        post = Post(Courier(smtp, "us@example.org"), self.units, "https://us.example.org")
        self.runner = Runner(engine, kinds(post), self.clock)

    async def publish(self, now=START):
        async with transaction(self.engine, "journey", now) as tx:
            self.rules.versions.update(await publish(self.units.within(tx)))

    async def handle(self, *events, now=START):
        """Events of one topic as (event, id), in one unit."""
        async with transaction(self.engine, "journey", now) as tx:
            handler = self.units.each(HANDLERS[events[0][0].TOPIC])
            await handler(tx, [record(*one) for one in events])

    async def fire(self, now):
        for one, _ in timers(daily=False):
            async with transaction(self.engine, "journey", now) as tx:
                await self.units.due(one)(tx)

    async def send(self, now):
        """What is due goes out."""
        self.clock.moment = now
        await self.runner.drain()


def started(at=START, customer="c-1"):
    return SetupStarted(at=at, source="cam", customer=customer), f"/cam/lifecycle#{customer}:1"


def error(at=START, n=1, customer="c-1"):
    return AppError(at=at, code="e1", source="app", customer=customer), f"/app/app#{customer}:{n}"


def completed(at, customer="c-1"):
    return SetupCompleted(at=at, source="cam", customer=customer), f"/cam/lifecycle#{customer}:2"


async def with_address(engine, *customers, email="{}@example.org", zone="UTC"):
    """Hand customers in, as far as mails need it."""
    async with engine.begin() as connection:
        for one in customers:
            await connection.execute(
                text(
                    "INSERT INTO customer (id, known, kind, zone, region, entries, evaluated, uses,"
                    " last_use, routine_from, routine_to, version, created_at) VALUES (:id, true,"
                    " 'household', :zone, 'default', 0, 0, 0, 0, 0, 0, 1, now())"
                ),
                {"id": one, "zone": zone},
            )
            await connection.execute(
                text("INSERT INTO customer_profile (customer, name, email) VALUES (:id, :n, :e)"),
                {"id": one, "n": f"Ann {one}", "e": email.format(one)},
            )
