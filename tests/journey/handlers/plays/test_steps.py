"""What steps do within journey, on a real database: facts noted, plays started and stopped, questions."""

import email
import email.policy
from pathlib import Path

import pytest
from httpx import AsyncClient

from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers
HELP = text("""  - {step: note, set: why bought, to: pets}
  - {step: begin, start: other}
  - {step: rest, wait: 2h}
  - {step: no more, stop: other}
  - {step: again, start: other}
""")
OTHER = text("  - {step: rest, wait: 9d}", "{happens: app_errors}", name="other")
WAITS = text(
    '  - {step: w, wait_for: {until: {all: [{fact: why bought, op: "==", value: pets}]}, at_most: 9d}}',
    more="priority: 90", name="waits",
)  # fmt: skip


async def runs(rows):
    found = await rows("SELECT play, state, ending, cause FROM run ORDER BY play, rotation")
    return [(row["play"], row["ending"] or row["state"]) for row in found]


async def test_plays_note_facts_for_others_start_them_and_stop_them(engine, rows):
    journey = Engine(engine, HELP, OTHER, WAITS)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    assert await runs(rows) == [("help", "active"), ("other", "active"), ("waits", "active")]
    await journey.fire(NOON)  # the play that waits for the fact is looked at
    assert await runs(rows) == [("help", "active"), ("other", "active"), ("waits", "done")]
    (cause,) = {row["cause"] for row in await rows("SELECT cause FROM run WHERE play = 'other'")}
    assert cause.startswith("run:")
    await journey.fire(NOON + 2 * HOUR)
    assert await runs(rows) == [("help", "done"), ("other", "stopped"), ("waits", "done")]
    (left,) = await rows("SELECT play, why FROM left_out")
    assert left == {"play": "other", "why": "had_it"}  # it is for once: by its own rules
    for _ in range(2):
        await journey.fire(NOON + 3 * HOUR)
    assert len(await runs(rows)) == 3


@pytest.fixture
def caught(servers, smtp):
    """The mails the catcher has, oldest first."""
    folder = Path(servers.smtp.data)
    for path in folder.glob("*.eml"):
        path.unlink()
    return lambda: [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]


ASK = text("""  - {step: why, ask: why bought, message: asks, at_most: 2d, then: {answered: thank}}
  - {step: nothing, wait: 9d}
  - {step: thank, if: {all: [{fact: why bought, op: "==", value: pets}]}, then: {no: end}}
  - {step: rest, wait: 1d}
""")


async def test_an_answer_becomes_a_fact_once_and_opening_the_link_answers_nothing(
    engine, rows, smtp, caught, client, clock
):
    journey = Engine(engine, ASK, smtp=smtp)
    rules = client._transport.app.state.units.rules
    object.__setattr__(rules, "playbook", journey.rules.playbook)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    clock.moment = NOON + HOUR
    (mail,) = caught()
    body = mail.get_body(("plain",)).get_content()
    path = next(word for word in body.split() if "/answer/" in word).removeprefix(
        "https://us.example.org"
    )
    anybody = AsyncClient(transport=client._transport, base_url="http://journey")
    opened = await anybody.get(path)
    assert (opened.status_code, "Why did you buy it?" in opened.text) == (200, True)
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["why"]
    wrong = await anybody.post(path, data={"answer": "<script>"})
    assert (wrong.status_code, "<script>" in wrong.text) == (422, False)
    given = {"answer": "pets", "words": "For Rex Quick, our dog"}
    for choice in (given, {"answer": "security"}):
        assert "We have your answer" in (await anybody.post(path, data=choice)).text
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["rest"]
    (state,) = await rows("SELECT convert_from(state, 'UTF8') AS state FROM customer_state")
    assert '"pets"' in state["state"]
    assert '"security"' not in state["state"]
    (message,) = await rows("SELECT words, answered_at FROM message")
    assert message == {"words": given["words"], "answered_at": NOON + HOUR}
    kept = [
        *await rows("SELECT value FROM outbox"),
        *await rows("SELECT * FROM audit"),
        *await rows("SELECT * FROM run_line"),
    ]
    assert "Quick" not in str(kept)
    assert len(await rows("SELECT 1 FROM audit WHERE action = 'answer.give'")) == 1
    clock.moment = NOON + 50 * HOUR
    assert (await anybody.get(path)).status_code == 404  # not any more
    object.__setattr__(rules, "playbook", type(journey.rules.playbook)())
