"""What on-call sees of effects, and how it says what became of one that nobody knows of."""

from datetime import timedelta

import pytest
from sqlalchemy import MetaData, text

from shared.clock import wall_now
from shared.db.tables import NAMING
from shared.effects import rows
from shared.effects.effect import Planned
from shared.effects.tables import effect_table
from shared.web.routes import effects

pytestmark = pytest.mark.servers


@pytest.fixture
async def client(engine, serve):
    metadata = MetaData(naming_convention=NAMING)
    effect_table(metadata)
    now = wall_now()
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        for n, (kind, state) in enumerate(
            [("mail", "planned"), ("mail", "unknown"), ("push", "accepted"), ("push", "unknown")]
        ):
            at = now + timedelta(seconds=n)
            one = Planned(f"e{n}", kind, f"about-{n}", at, at + timedelta(hours=1), {}, "sealed")
            await rows.plan(connection, [one], at)
            await connection.execute(
                text("UPDATE effect SET state = :s, settled_at = :at WHERE id = :id"),
                {"s": state, "at": None if state == "planned" else now, "id": one.id},
            )
    return serve("console", [effects.router])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["e3", "e2", "e1", "e0"]),
        ("?state=unknown", ["e3", "e1"]),
        ("?state=unknown&state=planned&kind=mail", ["e1", "e0"]),
        ("?about=about-2", ["e2"]),
    ],
)
async def test_effects_are_found(client, query, ids):
    answer = await client.get(f"/v1/effects{query}")
    items = answer.json()["items"]
    assert [one["id"] for one in items] == ids
    assert "secret" not in answer.text
    assert "sealed" not in answer.text


async def test_pages_and_words_that_are_none(client):
    first = (await client.get("/v1/effects?limit=3")).json()
    second = (await client.get("/v1/effects", params={"after": first["next"]})).json()
    assert [one["id"] for one in first["items"] + second["items"]] == ["e3", "e2", "e1", "e0"]
    assert (await client.get("/v1/effects?state=lost")).status_code == 422


@pytest.mark.parametrize(
    ("resolution", "state", "secret"),
    [("accepted", "accepted", None), ("failed", "failed", None), ("again", "planned", "sealed")],
)
async def test_a_person_says_what_became_of_it(client, engine, resolution, state, secret):
    answer = await client.post("/v1/effects/e1/resolve", json={"resolution": resolution})
    assert (answer.status_code, answer.json()["state"]) == (200, state)
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT secret FROM effect WHERE id = 'e1'"))
        assert found.scalar_one() == secret
        audited = await connection.execute(text("SELECT action, id, after FROM audit"))
        assert audited.all() == [
            ("effect.resolve", "e1", {"state": "unknown", "resolution": resolution})
        ]


@pytest.mark.parametrize(
    ("id_", "status", "word"), [("e0", 409, "effect_not_unknown"), ("e9", 404, "effect_not_found")]
)
async def test_only_what_nobody_knows_is_resolved(client, id_, status, word):
    answer = await client.post(f"/v1/effects/{id_}/resolve", json={"resolution": "failed"})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, word)
