"""Messages in the app: from a step through ingest and a real broker to an app, and what the app tells back."""

import asyncio
import json
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from services.ingest.domain.messages.addresses import bucket_of
from services.journey.edges.courier import kinds
from services.journey.edges.courier.post import Post
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.events import AppOpened, MessageClicked, MessageSeen, RegistryChanged, TicketChanged
from shared.web.client.client import ServiceClient
from tests.apis import wired
from tests.broker import TESTER
from tests.ingest.edges.mqtt_client import Client
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text
from tests.served import served
from tests.signed import headers

pytestmark = pytest.mark.servers
PATIENCE_S = 60
PLAY = text("""
  - {step: show, in_app: one, opens: help/wifi, then: {held back: end}}
  - {step: seen, wait_for: {happens: messages_seen, at_most: 3d}}
  - {step: rest, wait: 1d}
""")
PROMOTION = text("  - {step: show, in_app: one}\n  - {step: rest, wait: 1d}")
APP = "app-in-app"


class Journeys:
    """The token that console gives journey."""

    async def fresh(self, sender, until_s):
        bearer: str = headers("service", subject="service:journey", kind="service")["Authorization"]
        return bearer.removeprefix("Bearer ")

    def refused(self, token):
        raise AssertionError("ingest takes it")


@pytest.fixture(scope="module")
def registry(postgres):
    return asyncio.run(postgres.migrated("ingest", "in_app_ingest"))


@pytest.fixture
async def broker(mosquitto):
    """The broker, alive whatever a test before has left."""
    await mosquitto.start()
    yield mosquitto
    await mosquitto.start()


@pytest.fixture
async def ingest(registry, broker):
    """Ingest's interface at the broker, with an app of `c-1`; gives the way to it."""
    app, database = wired("ingest", registry, environ=broker.ingest_environment())
    async with served(app) as port:
        client = ServiceClient(own=Journeys())
        peer = client.peer("ingest", f"http://127.0.0.1:{port}")
        token = headers("admin")["Authorization"].removeprefix("Bearer ")
        await peer.post("/v1/apps", body={"id": APP, "customer": "c-1"}, bearer=token)
        yield peer
        await client.close()
    await database.dispose()


@pytest.fixture
async def journey(engine, ingest):
    """`journey(play)`: an engine whose messages go through ingest."""

    async def make(play=PLAY, **more):
        started_engine = Engine(engine, play, **more)
        courier = Courier("smtp://127.0.0.1:1", "us@example.org")
        post = Post(courier, started_engine.units, "https://us.example.org", ingest=ingest)
        started_engine.runner = Runner(engine, kinds(post), started_engine.clock)
        await started_engine.publish()
        await with_address(engine, "c-1", email="")
        await started_engine.handle(owns(), now=NOON)
        return started_engine

    return make


class Shown:
    """An app with no session, as apps are: what is said while it is away it misses."""

    def __init__(self, broker):
        self.client = Client(broker.tests_url(TESTER), *login(broker), client_id=f"tests-{APP}")
        assert self.client.subscribe(f"pc/v1/{bucket_of(APP)}/apps/{APP}/down") < 0x80

    async def message(self):
        """The next one that is not an ack."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if not self.client.heard.empty():
                told = json.loads(self.client.heard.get()[1])
                if "message" in told:
                    return told["message"]
            await asyncio.sleep(0.02)
        raise AssertionError("no message on down")

    @property
    def is_silent(self):
        return self.client.heard.empty()


def login(broker):
    where = urlsplit(broker.tests_url(TESTER))
    return where.username, where.password


def owns():
    return RegistryChanged(
        at=NOON - HOUR, source=APP, kind="app", change="claimed", version=1, customer="c-1",
    ), "registry:1"  # fmt: skip


def opened(at, n):
    return AppOpened(at=at, source=APP, customer="c-1"), f"/app/app#o:{n}"


def seen(id_, at, n=1, kind=MessageSeen):
    return kind(at=at, source=APP, customer="c-1", message=id_), f"/app/app#s:{n}"


async def effects(rows):
    return [
        (row["state"], row["why"])
        for row in await rows("SELECT state, why FROM effect ORDER BY planned_at, id")
    ]


async def test_from_a_step_to_the_app_and_back(journey, broker, rows, client):
    played, app = await journey(), Shown(broker)
    await played.handle(started(NOON), now=NOON)
    await played.send(NOON)
    shown = await app.message()
    (message,) = await rows("SELECT * FROM message")
    assert shown == {
        "id": message["id"], "title": "Hello Ann c-1", "text": "Hello Ann c-1\n",
        "opens": "help/wifi", "until": "2026-01-08T12:00:00Z",
    }  # fmt: skip
    assert (message["channel"], message["verdict"]) == ("app", "send")
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["seen"]

    later = NOON + HOUR
    await played.handle(seen(message["id"], later), now=later)
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["rest"]
    await played.handle(seen(message["id"], later, 2, MessageClicked), now=later)
    told = (await client.get("/v1/customers/c-1/plays")).json()["messages"][0]
    assert (told["channel"], told["seen_at"], told["clicked_at"]) == (
        "app", "2026-01-01T13:00:00Z", "2026-01-01T13:00:00Z",
    )  # fmt: skip
    counted = (await client.get("/v1/plays/counts")).json()
    assert counted["channels"] == {"app": {"send": 1}}
    # what was seen is not given again
    await played.handle(opened(later + HOUR, 1), now=later + HOUR)
    await played.send(later + HOUR)
    assert await effects(rows) == [("accepted", None)]
    app.client.close()


async def test_who_was_away_gets_it_when_the_app_is_opened(journey, broker, rows):
    played = await journey()
    await played.handle(started(NOON), now=NOON)
    await played.send(NOON)
    assert await effects(rows) == [("planned", "app_away")]
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["seen"]

    app, back = Shown(broker), NOON + timedelta(seconds=20)
    await played.handle(opened(back, 1), now=back)
    await played.send(back)
    first = await app.message()
    assert await effects(rows) == [("accepted", None)]
    # it was not seen: the next time it is given again, under the same id, as an app may have died with it
    again = back + 3 * HOUR
    await played.handle(opened(again, 2), now=again)
    await played.send(again)
    assert await app.message() == first
    late = NOON + timedelta(days=8)  # of no use any more
    await played.handle(opened(late, 3), now=late)
    await played.send(late)
    assert app.is_silent
    app.client.close()


async def test_a_broker_that_is_away_is_waited_for_and_nothing_is_told_twice(journey, broker, rows):
    played = await journey()
    await broker.kill()
    await played.handle(started(NOON), now=NOON)
    await played.send(NOON)
    assert await effects(rows) == [("planned", "no_answer")]
    await broker.start()
    app = Shown(broker)
    end = time.monotonic() + PATIENCE_S
    while (await effects(rows))[0][0] != "accepted":
        assert time.monotonic() < end, await effects(rows)
        await played.send(NOON + HOUR)
        await asyncio.sleep(0.2)
    await app.message()
    assert app.is_silent
    app.client.close()


async def test_without_an_app_the_play_may_go_another_way(journey, rows):
    played = await journey()
    gone = RegistryChanged(
        at=NOON, source=APP, kind="app", change="retired", version=2, previous_customer="c-1",
    )  # fmt: skip
    await played.handle((gone, "registry:2"), now=NOON)
    await played.handle(started(NOON + HOUR), now=NOON + HOUR)
    await played.send(NOON + HOUR)
    (message,) = await rows("SELECT verdict, why FROM message")
    assert message == {"verdict": "skip", "why": "no_address"}
    assert [row["ending"] for row in await rows("SELECT ending FROM run")] == ["done"]


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [("promotion", "never_asked"), ("survey", "trouble_open"), ("help", "nothing_against")],
)
async def test_what_speaks_against_a_mail_speaks_against_it_too(journey, rows, purpose, expected):
    played = await journey(PROMOTION, purpose=purpose)
    ticket = TicketChanged(
        at=NOON, ticket="t-1", customer="c-1", state="open", change="opened", version=1
    )
    await played.handle((ticket, "ticket:1"), now=NOON)
    await played.handle(started(NOON), now=NOON)
    await played.send(NOON)
    assert [row["why"] for row in await rows("SELECT why FROM message")] == [expected]
