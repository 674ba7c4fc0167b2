"""Messages over HTTP: which there are, and how they would read."""

import pytest

from services.journey.handlers.messages.preview import NOWHERE
from tests.journey.conftest import START
from tests.journey.engine import Engine, with_address
from tests.journey.plays import text
from tests.signed import Signed

pytestmark = pytest.mark.servers
CSM, MARKETING = Signed("csm"), Signed("marketing")
ONE = """---
subject: Hello {{ name }}
topic: set-up
purpose: help
---
Hello {{ name }}, {% if name < 2 %}nobody gets this{% endif %}
"""


@pytest.fixture
async def ask(engine, client):
    """`await ask(path, who)`: Ann is known; a play sends `two`, nobody sends `one`."""
    made = Engine(engine, text("  - {step: first, mail: two}\n"), one=ONE)
    await made.publish(START)
    client._transport.app.state.units.rules = made.rules
    await with_address(engine, "ann")

    async def asked(path, who=CSM):
        return await client.get(path, headers={**who})

    return asked


async def test_what_plays_write_is_listed_and_read_as_somebody_would_get_it(ask):
    listed = {row["message"]: row for row in (await ask("/v1/messages", MARKETING)).json()}
    assert listed["two"]["plays"] == ["help"]
    assert listed["one"]["plays"] == []
    assert listed["one"]["subject"] == "Hello {{ name }}"
    sample = (await ask("/v1/messages/two", MARKETING)).json()
    assert (sample["to"], sample["subject"]) == ("kim@example.org", "Hello Kim Example")
    assert NOWHERE in sample["text"]  # where one leaves
    hers = (await ask("/v1/customers/ann/messages/two")).json()
    assert (hers["to"], hers["subject"]) == ("ann@example.org", "Hello Ann ann")


async def test_what_cannot_be_written_or_is_not_there_is_said(ask):
    for path in ("/v1/messages/three", "/v1/customers/ann/messages/three"):
        assert (await ask(path)).json()["type"].endswith(":message_not_found")
    nobody = await ask("/v1/customers/nobody/messages/two")
    assert nobody.json()["type"].endswith(":customer_not_found")
    for path in ("/v1/messages/one", "/v1/customers/ann/messages/one"):
        failed = await ask(path)
        assert failed.status_code == 422
        assert failed.json()["type"].endswith(":template_failed")
        assert "message one: " in failed.json()["detail"]
    assert (await ask("/v1/customers/ann/messages/two", MARKETING)).status_code == 403


async def test_whoever_reads_what_somebody_would_get_leaves_a_row(ask, rows):
    reads = "SELECT 1 FROM audit WHERE action = 'customer.read'"
    before = len(await rows(reads))
    await ask("/v1/customers/ann/messages/two")
    assert len(await rows(reads)) == before + 1
