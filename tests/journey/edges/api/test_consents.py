"""What a customer said about what they get: over HTTP, with when and how; and what follows for mails."""

import pytest

from services.journey.domain.messages.purpose import Purpose
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text
from tests.signed import headers

pytestmark = pytest.mark.servers
ONE = text(
    "  - {step: first, mail: one}\n  - {step: then, wait: 1h}\n  - {step: second, mail: two}"
)
AT = "/v1/customers/c-1/consent"


def csm():
    """Of now: a token is good for minutes."""
    return headers("csm", subject="account:cy")


async def test_a_promotion_goes_to_whoever_agreed_and_to_nobody_else(engine, client, clock, rows):
    journey = Engine(engine, ONE, purpose=Purpose.PROMOTION.value)
    await journey.publish()
    await with_address(engine, "c-1", "c-2")
    clock.moment = NOON
    earlier = len(await rows("SELECT 1 FROM audit"))
    for _ in range(2):  # saying it again changes nothing
        said = await client.put(f"{AT}/agreements/promotion", headers=csm(), json={"agreed": True})
        assert (said.status_code, [one["purpose"] for one in said.json()["agreed"]]) == (
            200,
            ["promotion"],
        )
    await journey.handle(started(NOON), started(NOON, "c-2"), now=NOON)
    await journey.send(NOON)
    found = {row["customer"]: row["why"] for row in await rows("SELECT customer, why FROM message")}
    assert found["c-2"] == "never_asked"
    assert found["c-1"] != "never_asked"
    (agreed,) = (await client.get(AT, headers=csm())).json()["agreed"]
    assert (agreed["how"], agreed["at"][:16]) == ("asked", "2026-01-01T12:00")
    read = (await client.get(AT, headers=csm())).headers["etag"]
    gone = await client.put(f"{AT}/agreements/promotion", headers=csm(), json={"agreed": False})
    late = await client.put(
        f"{AT}/agreements/promotion", headers=csm() | {"If-Match": read}, json={"agreed": True}
    )
    assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (412, "changed_since")
    assert gone.json()["agreed"] == []
    noted = [row["action"] for row in await rows("SELECT action FROM audit ORDER BY n")]
    assert noted[earlier:] == ["consent.agree", "consent.disagree"]


async def test_a_topic_is_left_by_channel_and_wanted_again(engine, client, clock, rows):
    journey = Engine(engine, ONE)
    await journey.publish()
    await with_address(engine, "c-1")
    clock.moment = NOON
    left = {"wanted": False, "channel": "email"}
    said = await client.put(f"{AT}/topics/set-up", headers=csm(), json=left)
    (one,) = said.json()["left"]
    assert (one["topic"], one["channel"], one["how"]) == ("set-up", "email", "asked")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    assert [row["why"] for row in await rows("SELECT why FROM message")] == ["left"]
    back = await client.put(f"{AT}/topics/set-up", headers=csm(), json={**left, "wanted": True})
    assert back.json()["left"] == []
    await journey.fire(NOON + 2 * HOUR)
    await journey.send(NOON + 2 * HOUR)
    assert await rows("SELECT 1 FROM message WHERE message = 'two' AND why = 'left'") == []


@pytest.mark.parametrize(
    ("path", "body", "role", "expected"),
    [
        ("/agreements/promotion", {"agreed": "yes"}, "csm", 422),
        ("/agreements/service", {"agreed": True}, "csm", 422),
        ("/topics/set-up", {"wanted": False, "channel": "fax"}, "csm", 422),
        ("/topics/SET_UP", {"wanted": False}, "csm", 422),
        ("/topics/set-up", {"wanted": False}, "marketing", 403),
    ],
)
async def test_what_nobody_can_have_said_is_refused(engine, client, path, body, role, expected):
    await with_address(engine, "c-1")
    assert (
        await client.put(f"{AT}{path}", headers=headers(role), json=body)
    ).status_code == expected


async def test_nobody_says_nothing(client):
    assert (await client.get("/v1/customers/nobody/consent", headers=csm())).status_code == 404
    said = await client.put(
        "/v1/customers/nobody/consent/topics/x", headers=csm(), json={"wanted": False}
    )
    assert said.status_code == 404
