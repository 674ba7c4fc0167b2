"""A process killed at every point of an effect's way, with a real database and a real mail server."""

import asyncio
import email
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import text

from shared import metrics
from shared.clock import WallClock
from shared.effects.runner import Runner
from tests.shared.effects.dying import MAIL, POINTS, mail_kind

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[3]
ONCE = replace(MAIL, repeats=0)


@pytest.fixture
def sent(servers, smtp):
    """`sent()`: how often the catcher has each Message-ID."""
    folder = Path(servers.smtp.data)
    for path in folder.glob("*.eml"):
        path.unlink()

    def counted() -> Counter[str]:
        found = (email.message_from_bytes(path.read_bytes()) for path in folder.glob("*.eml"))
        return Counter(mail["Message-ID"] for mail in found)

    return counted


async def killed(url, smtp, point) -> None:
    """Run the process that dies there."""
    command = [sys.executable, "-m", "tests.shared.effects.dying", url, smtp, point]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    assert await asyncio.wait_for(process.wait(), 60) == -9


async def taken_over(engine, smtp, policy=MAIL) -> None:
    """The leases of the dead run out, and another process goes on."""
    runner = Runner(engine, [mail_kind(smtp, policy)], WallClock())
    for _ in range(4):
        async with engine.begin() as connection:
            await connection.execute(
                text("UPDATE effect SET due_at = now(), lease_until = now() - interval '1 s'")
            )
        await runner.drain()


@pytest.mark.parametrize("point", POINTS)
async def test_no_mail_is_lost_and_one_is_repeated_only_after_it_was_taken(
    engine, url, smtp, plan, states, sent, point
):
    (id_,) = await plan("mail")
    before = metrics.EFFECTS.labels("mail", "repeated")._value.get()
    await killed(url, smtp, point)
    await taken_over(engine, smtp)
    acted = point in {"after act", "before settle"}
    uncertain = acted or point == "after dispatch"
    assert sent() == {f"<{id_}@example.org>": 2 if acted else 1}
    assert metrics.EFFECTS.labels("mail", "repeated")._value.get() == before + uncertain
    assert await states() == {id_: ("accepted", int(uncertain), None)}


@pytest.mark.parametrize("point", ["after claim", "after dispatch", "after act", "before settle"])
async def test_what_is_not_repeatable_happens_once_at_most_and_who_cannot_tell_says_so(
    engine, url, smtp, plan, states, sent, point
):
    (id_,) = await plan("mail")
    await killed(url, smtp, point)
    await taken_over(engine, smtp, ONCE)
    state = (await states())[id_][0]
    assert sent().total() == (0 if point == "after dispatch" else 1)
    uncertain = point in {"after dispatch", "after act", "before settle"}
    assert state == ("unknown" if uncertain else "accepted")


class DyingServer:
    """Takes each mail; the first time it breaks off instead of saying so."""

    def __init__(self, last_word: str | None) -> None:
        self.ids = []
        self.last_word = last_word

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.ids.append(email.message_from_bytes(envelope.content)["Message-ID"])
        if len(self.ids) == 1 and self.last_word is None:
            server.transport.abort()
        return self.last_word if len(self.ids) == 1 and self.last_word else "250 taken"


@pytest.mark.parametrize(
    ("last_word", "expected", "mails"),
    [
        pytest.param(None, ("accepted", 1, None), 2, id="it died after DATA"),
        pytest.param("451 later", ("accepted", 0, None), 2, id="not now"),
        pytest.param("554 spam", ("failed", 0, "smtp_554"), 1, id="never"),
    ],
)
async def test_a_mail_server_that_dies_or_refuses(engine, plan, states, last_word, expected, mails):
    dying = DyingServer(last_word)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(dying, hostname="x"), "127.0.0.1", 0)
    (id_,) = await plan("mail")
    await taken_over(engine, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert dying.ids == [f"<{id_}@example.org>"] * mails
    assert await states() == {id_: expected}
    server.close()
