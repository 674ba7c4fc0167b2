"""What a customer with a home camera gets of the playbook that is meant to be copied: real mails."""

import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest

from services.journey.domain.rules import Rules
from services.journey.edges.playbook import load_playbook
from shared.events import TicketChanged, Usage
from tests.journey.conftest import MAP
from tests.journey.engine import HOUR, NOON, Engine, completed, error, started, with_address
from tools.local.process import ROOT

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)


@pytest.fixture
def caught(servers, smtp):
    """Subject and text of the mails the catcher has, oldest first."""
    folder = Path(servers.smtp.data)
    for path in folder.glob("*.eml"):
        path.unlink()

    def read():
        mails = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(folder.glob("*.eml"))
        ]
        return [(mail["subject"], mail.get_body(("plain",)).get_content()) for mail in mails]

    return read


@pytest.fixture
async def camera(engine, smtp):
    """One customer under the whole playbook."""
    folder = ROOT / "playbooks/home-camera"
    playbook = load_playbook(folder, [stage.name for stage in MAP.stages])
    journey = Engine(engine, rules=Rules(MAP, playbook), smtp=smtp)
    await journey.publish()
    await with_address(engine, "c-1")
    return journey


async def lives(journey, begin, end):
    """Hour after hour; what is due is done and sent."""
    now = begin
    while now <= end:
        await journey.fire(now)
        await journey.send(now)
        now += HOUR


def ticket(at, version, change, code=None):
    state = "resolved" if change == "resolved" else "open"
    return TicketChanged(
        at=at, ticket="t-1", change=change, state=state, version=version, customer="c-1",
        fault_code=code,
    ), f"ticket:t-1:{version}"  # fmt: skip


async def test_a_ticket_is_told_of_after_an_hour_with_its_article_and_asked_about_when_solved(
    camera, caught
):
    await camera.handle(ticket(NOON, 1, "opened", "wifi_lost"), now=NOON)
    await lives(camera, NOON, NOON + HOUR / 2)
    assert caught() == []
    await lives(camera, NOON + HOUR, NOON + 3 * DAY)
    (first, article), (second, _) = caught()
    assert first == "We have seen that your camera needs help"
    assert "/camera/wifi" in article
    assert "/camera/power" not in article
    assert second == "We are still at it"
    solved = NOON + 3 * DAY
    await camera.handle(ticket(solved, 2, "resolved", "wifi_lost"), now=solved)
    await lives(camera, solved, solved + 2 * DAY)
    assert [subject for subject, _ in caught()[2:]] == ["Does it work again?"]


async def test_a_fault_that_is_over_within_the_hour_is_no_mail(camera, caught):
    await camera.handle(ticket(NOON, 1, "opened", "wifi_lost"), now=NOON)
    await camera.handle(ticket(NOON + HOUR / 2, 2, "resolved", "wifi_lost"), now=NOON + HOUR / 2)
    await lives(camera, NOON + HOUR / 2, NOON + 5 * HOUR)
    assert caught() == []


async def test_after_two_months_they_are_told_one_thing(camera, caught):
    await camera.handle(completed(NOON), now=NOON)
    await camera.handle(error(NOON), now=NOON)
    for day in range(0, 62, 3):  # a habit, so that nobody asks what is wrong
        at = NOON + day * DAY
        use = Usage(at=at, by="person", source="cam", customer="c-1")
        await camera.handle((use, f"use:{day}"), now=at)
        await camera.fire(at)
        await camera.send(at)
    await lives(camera, NOON + 62 * DAY, NOON + 64 * DAY)
    told = [
        text for subject, text in caught() if subject == "The one thing that would help you most"
    ]
    assert len(told) == 1
    assert "the app has shown you an error" in told[0]


async def test_of_three_questions_only_who_answers_is_asked_the_next(camera, caught):
    await camera.handle(started(NOON), now=NOON)
    use = Usage(at=NOON, by="person", source="cam", customer="c-1")
    await camera.handle((use, "use:1"), now=NOON)
    await lives(camera, NOON, NOON + 7 * DAY)
    subjects = [subject for subject, _ in caught()]
    assert "One question about your camera" in subjects
    assert "What do you hope for?" not in subjects
