"""One item that fails for no known reason stops nothing: under the import, the broker's files, its log."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.ingest.domain.credentials.credentials import Admitted
from services.ingest.domain.messages.message import Message
from services.ingest.edges.api import jobs as imports
from services.ingest.edges.api.views import DeviceIn
from services.ingest.edges.broker.broker_files import PASSWORDS, BrokerFiles
from services.ingest.edges.broker.gatekeeper import Gatekeeper
from services.ingest.edges.broker.monitor import RECEIVED, SUBSCRIBED, TOPICS, Monitor
from shared.web.routes.jobs import Jobs
from tests.system import until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_of_a_file_only_the_line_that_cannot_be_written_is_left_out():
    written = []

    async def write(items, job):
        if any(item.id == "cam-500" for _, item in items):
            raise RuntimeError("nobody thought of this")
        written.extend(item.id for _, item in items)
        job.advance(len(items))

    async def begin(_job):
        pass

    lines = [f"cam-{n},cam-2" for n in range(1_200)]
    lines[7] = "pc-ingest-0,cam-2"
    body = "\n".join(["id,model", *lines]).encode()
    job = await imports.start(Jobs(), "devices", body, DeviceIn, write, begin)
    await asyncio.wait_for(job.wait(), 10)
    assert (job.state, job.done, job.failed) == ("done", 1_200, 2)
    assert set(written) == {f"cam-{n}" for n in range(1_200) if n not in {7, 500}}
    told = {error.item: error.error for error in job.errors}
    assert told.keys() == {9, 502}
    assert "ids that begin with pc-ingest- are ours" in told[9]
    assert "a fault of ours" in told[502]


class Doors:
    """In place of the registry: its first answer is one that nobody thought of."""

    def __init__(self):
        self.asked = 0

    async def changes(self):
        return 1

    async def admitted(self, _now):
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("nobody thought of this")
        return 1, Admitted({"cam-1": "$7$1$x$y"}, frozenset(), {}, None)

    async def revoked_since(self, _at):
        return {}


async def test_the_brokers_files_are_made_after_a_look_that_failed(tmp_path):
    keeper = Gatekeeper(Doors(), BrokerFiles(tmp_path, None), None, None, now=lambda: NOON)
    running = asyncio.create_task(keeper.run())
    try:

        async def said():
            return "credentials" in keeper.state()

        await until(said)

        async def there():
            path = tmp_path / PASSWORDS
            return path.exists() and path.read_text() == "cam-1:$7$1$x$y\n"

        await until(there)
        assert not running.done()
    finally:
        running.cancel()
    assert keeper.state() == {}


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        pytest.param(RECEIVED, b"many", id="a count that is none"),
        pytest.param(RECEIVED, b"", id="nothing"),
        pytest.param(SUBSCRIBED, b"\xff\xfe", id="no text"),
        pytest.param(
            TOPICS[0], b"Client \x00 disconnected, not authorised" + b"(" * 9_000, id="long"
        ),
    ],
)
async def test_a_line_of_the_broker_that_cannot_be_read_hides_no_other(topic, line):
    monitor = Monitor(None, lambda: 0)
    bad = Message(topic, line, None)
    good = Message(TOPICS[0], b"2026-03-01: Client cam-7 disconnected, not authorised.", None)
    monitor._heard([bad, good, bad, good])
    assert bad.settled
    assert [each.client for each in monitor.last].count("cam-7") == 2
