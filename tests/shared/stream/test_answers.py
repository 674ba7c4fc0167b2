"""What an answer of Kafka's must hold for the log behind it to be the one that was read."""

from types import SimpleNamespace

import pytest

from shared.clock import wall_now
from shared.stream.contact import Contact

PLACE = ("device.usage", 0)


class Client:
    """One broker, one connection."""

    def __init__(self):
        self.connection = object()
        self.cluster = SimpleNamespace(leader_for_partition=lambda _: 1)
        self._conns = {}

    async def send(self, *_, **__): ...

    async def ready(self, *_, **__):
        return True


@pytest.fixture
async def contact(monkeypatch):
    client = Client()
    monkeypatch.setattr("shared.stream.clients.connection", lambda c, *_: c.connection)
    made = Contact(client, 0.0)
    await made.vouch([PLACE])
    return made


def answered(contact, *, error=0, end=10):
    partition = (PLACE[1], error, end, end, None, b"")
    answer = SimpleNamespace(topics=[(PLACE[0], [partition])])
    contact._note(answer, contact._client.connection, wall_now())
    return contact.doubted()


@pytest.mark.parametrize(
    ("answers", "doubted"),
    [
        pytest.param([{}, {"end": 10}, {"end": 25}], False, id="a log that grows"),
        pytest.param([{}, {"error": 3}], True, id="unknown topic: it was deleted"),
        pytest.param([{}, {"error": 6}], True, id="no leader here any more"),
        pytest.param([{}, {"end": 4}], True, id="shorter than it was"),
        pytest.param([{}, {"error": 3}, {"end": 600}], True, id="grown past us since"),
    ],
)
async def test_a_log_that_may_be_another_one_is_in_doubt(contact, answers, doubted):
    for answer in answers:
        found = answered(contact, **answer)
    assert found == ({PLACE} if doubted else set())
    await contact.vouch(contact.doubted())
    assert answered(contact, end=600) == set(), "checked since"


async def test_what_is_seen_of_one_partition_is_said_of_its_topic(contact):
    await contact.vouch([PLACE, ("device.usage", 5), ("device.fault", 0)])
    assert answered(contact, error=1) == {PLACE, ("device.usage", 5)}
