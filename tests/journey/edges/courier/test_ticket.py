"""Tickets of plays: support itself opens them, once, however often it is asked."""

import pytest
from sqlalchemy import text as sql

from services.journey.edges.courier import kinds
from services.journey.edges.courier.post import Post
from shared.db.engine import make_engine
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.web.client.client import ServiceClient
from tests.apis import migrated, running
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text
from tests.signed import headers

PLAY = text("""
  - {step: to support, open_ticket: The set-up fails, do: Two calls did not help., priority: high}
  - {step: rest, wait: 1d}
""")
IN_SUPPORT = "INSERT INTO customer (id) VALUES ('c-1')"


class Journeys:
    """The token that console gives journey."""

    async def fresh(self, sender, until_s):
        bearer: str = headers("service", subject="service:journey", kind="service")["Authorization"]
        return bearer.removeprefix("Bearer ")

    def refused(self, token):
        raise AssertionError("support takes it")


@pytest.mark.servers
async def test_one_ticket_is_opened_however_often_support_is_asked(engine, rows, postgres):
    database = await migrated(postgres, "support")
    support = make_engine(database)
    journey = Engine(engine, PLAY)
    client = ServiceClient(own=Journeys())
    async with running("support", database) as (_, port):
        for peer in (None, client.peer("support", f"http://127.0.0.1:{port}")):
            post = Post(
                Courier("smtp://127.0.0.1:1", "us@example.org"), journey.units, "", support=peer
            )
            journey.runner = Runner(engine, kinds(post), journey.clock)
            if peer is None:
                await journey.publish()
                await with_address(engine, "c-1")
                await journey.handle(started(NOON), now=NOON)
                assert [row["step"] for row in await rows("SELECT step FROM run")] == ["rest"]
                assert await sent(journey, NOON, rows) == ("planned", "no_support")
        assert await sent(journey, NOON + HOUR, rows) == ("planned", "customer_unknown")
        async with support.begin() as connection:
            await connection.execute(sql(IN_SUPPORT))
        assert await sent(journey, NOON + 3 * HOUR, rows) == ("accepted", None)
        async with engine.begin() as connection:  # as if we had died before we knew
            await connection.execute(sql("UPDATE effect SET state = 'planned', settled_at = NULL"))
        assert await sent(journey, NOON + 5 * HOUR, rows) == ("accepted", None)
    async with support.connect() as connection:
        (ticket,) = (await connection.execute(sql("SELECT * FROM ticket"))).mappings().all()
    assert (ticket["customer"], ticket["subject"], ticket["priority"], ticket["channel"]) == (
        "c-1", "The set-up fails", "high", None,
    )  # fmt: skip
    assert ticket["opened_by"] == "service:journey"
    await client.close()
    await support.dispose()


async def sent(journey, now, rows):
    await journey.send(now)
    (effect,) = await rows("SELECT state, why FROM effect")
    return effect["state"], effect["why"]
