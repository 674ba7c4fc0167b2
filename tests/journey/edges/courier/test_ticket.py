"""Tickets of plays: support itself opens them, once, however often it is asked."""

import pytest
from httpx import AsyncClient
from sqlalchemy import text as sql

from services.journey.edges.courier import kinds
from services.journey.edges.courier.post import Post
from shared.clock import wall_now
from shared.db.engine import make_engine
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.events import TicketChanged, codec
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
    assert (ticket["opened_by"], ticket["origin"]) == ("service:journey", "play")
    await client.close()
    await support.dispose()


async def sent(journey, now, rows):
    await journey.send(now)
    (effect,) = await rows("SELECT state, why FROM effect")
    return effect["state"], effect["why"]


WAITS = text("""
  - {step: to support, open_ticket: The set-up fails, do: Two calls did not help.}
  - {step: with support, wait_for: {until: {all: [{fact: in_support, op: "==", value: true}]}, at_most: 2d}}
  - {step: mended, wait_for: {until: {all: [{fact: in_support, op: "==", value: false}]}, at_most: 30d}}
  - {step: rest, wait: 1d}
""")


@pytest.mark.servers
async def test_a_partner_who_closes_the_ticket_lets_the_play_go_on(engine, rows, postgres):
    database = await postgres.migrated("support", "tickets_of_plays")
    support = make_engine(database)
    journey, now = Engine(engine, WAITS), wall_now()
    client = ServiceClient(own=Journeys())
    told = 0

    async def hear():
        """What support has told since comes to journey."""
        nonlocal told
        async with support.connect() as connection:
            asked = sql("SELECT id, value FROM outbox WHERE type = :type ORDER BY position")
            found = (await connection.execute(asked, {"type": TicketChanged.type_name()})).all()
        for row in found[told:]:
            await journey.handle((codec.decode(row.value), str(row.id)), now=wall_now())
        told = len(found)
        return [row["step"] for row in await rows("SELECT step FROM run")]

    async with running("support", database) as (_, port):
        url = f"http://127.0.0.1:{port}"
        post = Post(
            Courier("smtp://127.0.0.1:1", "us@example.org"), journey.units, "",
            support=client.peer("support", url),
        )  # fmt: skip
        journey.runner = Runner(engine, kinds(post), journey.clock)
        await journey.publish(now)
        await with_address(engine, "c-1")
        async with support.begin() as connection:
            await connection.execute(sql(IN_SUPPORT))
        await journey.handle(started(now), now=now)
        await journey.send(now + HOUR)
        assert await hear() == ["mended"]
        partner = headers("partner", org="helpers", subject="account:pat")
        async with AsyncClient(base_url=url, headers=headers("admin"), trust_env=False) as http:
            (ticket,) = (await http.get("/v1/tickets")).json()["items"]
            path = f"/v1/tickets/{ticket['id']}"
            organisation = {"id": "helpers", "name": "Helpers"}
            assert (await http.post("/v1/organisations", json=organisation)).is_success
            assert (await http.post(f"{path}/share", json={"organisation": "helpers"})).is_success
            assert await hear() == ["mended"]  # shared is not solved
            solved = await http.post(f"{path}/resolve", json={"resolution": "fix"}, headers=partner)
            assert solved.is_success, solved.text
        assert await hear() == ["rest"]
    await client.close()
    await support.dispose()
