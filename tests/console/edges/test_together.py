"""Many who ask the same in one moment are one question, and nobody is given an answer from before they asked."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from services.console.edges.services.together import Together
from services.console.edges.signer import REUSED, Signer
from shared.web.guards import token
from shared.web.who import Who
from tests.served import until

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANN = Who("account:ann", "person", frozenset({"agent"}))


async def test_who_comes_while_it_is_answered_waits_for_the_next_answer():
    together, asked, go = Together(), [], asyncio.Event()

    async def ask():
        asked.append(len(asked) + 1)
        mine = asked[-1]
        await go.wait()
        return mine

    first = asyncio.create_task(together.ask("rows", ask))
    await until(lambda: asked)
    later = [asyncio.create_task(together.ask("rows", ask)) for _ in range(50)]
    other = asyncio.create_task(together.ask("others", ask))
    await until(lambda: len(asked) == 2)
    later.pop().cancel()
    go.set()
    assert await first == 1
    assert await other == 2
    assert set(await asyncio.gather(*later)) == {3}
    assert await together.ask("rows", ask) == 4


async def test_an_error_is_told_to_all_and_kept_for_nobody():
    together = Together()

    async def fails():
        raise OSError("away")

    answers = await asyncio.gather(
        *(together.ask("rows", fails) for _ in range(3)), return_exceptions=True
    )
    assert [str(error) for error in answers] == ["away"] * 3

    async def works():
        return 5

    assert await together.ask("rows", works) == 5


@pytest.mark.parametrize(
    ("who", "later", "same"),
    [
        pytest.param(ANN, REUSED - timedelta(seconds=1), True, id="a moment later"),
        pytest.param(ANN, REUSED, False, id="a minute later"),
        pytest.param(Who("account:bo", "person", ANN.roles), timedelta(0), False, id="another"),
        pytest.param(
            Who(ANN.subject, "person", frozenset({"lead"})), timedelta(0), False, id="other roles"
        ),
        pytest.param(
            Who(ANN.subject, "person", ANN.roles, second_factor_at=NOON), timedelta(0), False,
            id="after a second factor",
        ),
        pytest.param(
            Who(ANN.subject, "person", ANN.roles, address="::1", request="r2"), timedelta(0), True,
            id="another request",
        ),
    ],
)  # fmt: skip
def test_a_person_asks_with_one_token_for_a_minute(tmp_path, who, later, same):
    file = tmp_path / "key.json"
    key = token.new_key("one")
    file.write_text(json.dumps(key.as_dict(private=True)))
    signer = Signer(file)
    first = signer.recent(ANN, NOON)
    again = signer.recent(who, NOON + later)
    assert (first == again) is same
    read, until_ = token.read(again, token.read_keys(token.public_set(key)), NOON + later)
    assert (read.subject, read.roles) == (who.subject, who.roles)
    assert until_ - (NOON + later) >= token.LIFETIME - REUSED
