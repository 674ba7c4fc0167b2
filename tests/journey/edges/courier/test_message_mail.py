"""Mails of plays, through SMTP into the catcher: what they carry, what speaks against them."""

import asyncio
import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from httpx import AsyncClient
from sqlalchemy import text as sql

from shared.events import TicketChanged
from tests.journey.conftest import START
from tests.journey.engine import HOUR, NOON, Engine, completed, error, started, with_address
from tests.journey.plays import MAIL, text

pytestmark = pytest.mark.servers
ONE = text(
    "  - {step: first, mail: one}\n  - {step: then, wait: 1h}\n  - {step: second, mail: two}"
)


@pytest.fixture
def caught(servers, smtp):
    """`caught()`: the mails the catcher has, oldest first."""
    folder = Path(servers.smtp.data)
    for path in folder.glob("*.eml"):
        path.unlink()

    def read():
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(folder.glob("*.eml"))
        ]

    return read


async def verdicts(rows):
    return [
        (row["message"], row["verdict"], row["why"])
        for row in await rows("SELECT * FROM message ORDER BY visit, customer, id")
    ]


async def test_from_an_event_to_the_mail_catcher(engine, rows, smtp, caught, client):
    journey = Engine(engine, ONE, smtp=smtp)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (mail,) = caught()
    (effect,) = await rows("SELECT * FROM effect")
    assert effect["state"] == "accepted"
    assert mail["To"] == "c-1@example.org"
    assert mail["Subject"] == "Hello Ann c-1"
    assert mail["Message-ID"] == f"<{effect['id']}@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip(" <>")
    assert address.startswith("https://us.example.org/leave/")
    body = mail.get_body(("plain",)).get_content()
    assert body.startswith("Hello Ann c-1")
    assert address in body
    (run,) = await rows("SELECT step, visit FROM run")
    assert run == {"step": "then", "visit": 2}  # it went on when the mail went out
    stored = str(await rows("SELECT value FROM outbox")) + str(await rows("SELECT * FROM effect"))
    assert "example.org" not in stored.replace("us.example.org", "")


async def test_opening_the_link_changes_nothing_and_one_click_leaves(
    engine, rows, smtp, caught, client
):
    journey = Engine(engine, ONE, smtp=smtp)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (mail,) = caught()
    path = mail["List-Unsubscribe"].strip(" <>").removeprefix("https://us.example.org")
    anybody = AsyncClient(transport=client._transport, base_url="http://journey")
    assert (await anybody.get(path)).status_code == 200  # a scanner
    assert await rows("SELECT * FROM left_topic") == []
    left = "SELECT id FROM audit WHERE action = 'consent.leave'"
    before = len(await rows(left))  # other tests leave, too
    click = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        said = await anybody.post(path, data=click)
        assert said.status_code == 200, said.text
    assert [row["topic"] for row in await rows("SELECT topic FROM left_topic")] == ["set-up"]
    assert len(await rows(left)) == before + 1
    wrong = await anybody.post("/leave/nobodys-token")
    assert (wrong.status_code, "Nothing to leave" in wrong.text) == (404, True)

    await journey.fire(NOON + 2 * HOUR)
    await journey.send(NOON + 2 * HOUR)
    assert len(caught()) == 1
    assert (await verdicts(rows))[1] == ("two", "skip", "left")
    (run,) = await rows("SELECT ending FROM run")
    assert run == {"ending": "done"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [("ann", "no_address"), ("a@example.org\nBcc: eve@example.org", "no_address"), (None, "no_address")],
    ids=["none", "line break", "nobody"],
)  # fmt: skip
async def test_what_is_no_address_gets_nothing_and_the_run_goes_on(engine, rows, address, expected):
    journey = Engine(engine, ONE)
    await journey.publish()
    await with_address(engine, "c-1", email=address or "")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    assert await verdicts(rows) == [("one", "skip", expected)]
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["then"]
    assert [row["state"] for row in await rows("SELECT state FROM effect")] == ["suppressed"]


async def test_at_night_it_waits_for_the_customers_morning(engine, rows, smtp, caught):
    journey = Engine(engine, ONE, smtp=smtp)
    await journey.publish()
    await with_address(engine, "c-1", zone="Asia/Tokyo")
    await journey.handle(started(NOON + 3 * HOUR), now=NOON + 3 * HOUR)  # midnight there
    await journey.send(NOON + 3 * HOUR)
    assert (caught(), await verdicts(rows)) == ([], [("one", "defer", "quiet_hours")])
    (effect,) = await rows("SELECT state, due_at, attempts FROM effect")
    morning = NOON + 11 * HOUR  # eight o'clock in Tokyo
    assert (effect["state"], effect["attempts"]) == ("planned", 0)
    assert morning <= effect["due_at"] < morning + HOUR
    await journey.send(morning + HOUR)
    assert len(caught()) == 1


async def test_what_waited_until_it_was_of_no_use_is_not_sent_and_the_run_goes_on(engine, rows):
    journey = Engine(engine, ONE)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON + timedelta(days=7, seconds=1))  # nobody took it before
    assert await verdicts(rows) == [("one", "skip", "too_late")]
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["then"]


async def test_who_has_reached_the_goal_gets_no_mail_that_waited(engine, rows):
    more = 'goal: {all: [{fact: setup_completed, op: "==", value: true}]}'
    journey = Engine(engine, text("  - {step: first, mail: one}", more=more))
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.handle(completed(NOON + HOUR), now=NOON + HOUR)
    await journey.send(NOON + HOUR)
    assert await verdicts(rows) == [("one", "skip", "run_ended")]


async def test_no_promotion_while_a_ticket_is_open_but_help_passes(engine, rows, smtp, caught):
    sells = text("  - {step: sell, mail: one}", "{happens: app_errors}", "priority: 10", "sells")
    helps = text("  - {step: aid, mail: two}")
    journey = Engine(engine, helps, sells, smtp=smtp, one=MAIL % "renewal")
    await journey.publish()
    await with_address(engine, "c-1")
    ticket = TicketChanged(
        at=NOON, ticket="t", change="opened", state="open", version=1, customer="c-1"
    )
    await journey.handle((ticket, "t:1"), now=NOON)
    await journey.handle(started(NOON), now=NOON)
    await journey.handle(error(NOON), now=NOON)
    await journey.send(NOON)
    assert sorted(await verdicts(rows)) == [
        ("one", "hold", "trouble_open"), ("two", "send", "nothing_against"),
    ]  # fmt: skip
    solved = TicketChanged(
        at=NOON + HOUR, ticket="t", change="resolved", state="resolved", version=2, customer="c-1"
    )
    await journey.handle((solved, "t:2"), now=NOON + HOUR)
    await journey.send(NOON + 2 * HOUR)
    assert [mail["Subject"] for mail in caught()] == ["Hello Ann c-1"] * 2


class Refuses:
    """A mail server that knows one receiver less."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("c-1@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken += envelope.rcpt_tos
        return "250 taken"


async def test_a_receiver_that_is_refused_is_never_written_to_again_and_harms_no_other(
    engine, rows
):
    refuses = Refuses()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(refuses, hostname="x"), "127.0.0.1", 0)
    url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    journey = Engine(engine, ONE, smtp=url)
    await journey.publish()
    await with_address(engine, "c-1", "c-2")
    await journey.handle(started(NOON), started(NOON, "c-2"), now=NOON)
    await journey.send(NOON)
    assert refuses.taken == ["c-2@example.org"]
    await journey.fire(NOON + 2 * HOUR)
    await journey.send(NOON + 2 * HOUR)
    assert refuses.taken == ["c-2@example.org"] * 2
    assert (await verdicts(rows))[2:] == [
        ("two", "skip", "suppressed"), ("two", "send", "nothing_against"),
    ]  # fmt: skip
    (gone,) = await rows("SELECT * FROM suppressed_address")
    assert (gone["why"], gone["customer"], gone["who"]) == ("bounced", "c-1", None)
    assert "example.org" not in str(gone)
    server.close()


async def test_a_template_that_fails_for_one_parks_that_run_alone(engine, rows, smtp, caught):
    fails = (MAIL % "help").removesuffix("Hello {{ name }}\n") + "{% if name < 2 %}x{% endif %}"
    journey = Engine(engine, ONE, smtp=smtp, one=fails)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    assert await verdicts(rows) == [("one", "skip", "template_failed")]
    (run,) = await rows("SELECT state FROM run")
    assert run == {"state": "parked"}
    (line,) = await rows("SELECT why FROM run_line WHERE what = 'parked'")
    assert line["why"].startswith("template_failed: TypeError")


async def test_caps_hold_across_plays_and_what_matters_more_goes_first(engine, rows, smtp, caught):
    plays = [
        text(f"  - {{step: s{n}, mail: one}}", "{happens: app_errors}", f"priority: {n}", f"p{n}")
        for n in (10, 20, 30)
    ]
    journey = Engine(engine, *plays, smtp=smtp, purpose="survey")
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(error(NOON), now=NOON)
    for minutes in (0, 5, 11, 15, 40):
        await journey.send(NOON + timedelta(minutes=minutes))
    assert len(caught()) == 1  # one a day
    sent = await rows("SELECT play, verdict, why FROM message ORDER BY priority DESC")
    assert [(row["play"], row["verdict"]) for row in sent] == [
        ("p30", "send"), ("p20", "defer"), ("p10", "defer"),
    ]  # fmt: skip
    assert {row["why"] for row in sent[1:]} == {"cap_reached"}
    await journey.send(START + timedelta(days=1, hours=12))
    assert len(caught()) == 2
    assert await rows("SELECT 1 FROM effect WHERE attempts > 0") == []
    await journey.send(START + timedelta(days=3, hours=12))
    assert len(caught()) == 2  # and two a week
    async with engine.connect() as connection:
        count = await connection.execute(sql("SELECT count(*) FROM effect WHERE state = 'planned'"))
        assert count.scalar_one() == 1
