"""A customer is erased: tickets end, are nobody's, and say nothing of what people wrote."""

import pytest
from sqlalchemy import text

from services.support.domain.tickets import actions
from services.support.domain.tickets.ticket import Channel, Resolution
from services.support.handlers.customers.erase_customers import erase_customers
from services.support.handlers.tickets.act_on_ticket import act_on_ticket
from services.support.handlers.tickets.open_ticket import open_ticket
from services.support.store.store import Store
from shared.events import CustomerChanged, TicketChanged
from shared.events.codec import decode
from shared.stream.transaction import transaction
from shared.web.who import Who
from tests.support.build import at, fault, registry
from tests.support.conftest import UNITS

pytestmark = pytest.mark.servers
KIM = Who("account:1", "person", frozenset({"agent"}))


async def rows(engine, query):
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(text(query))).mappings()]


async def act(engine, ticket, action, n):
    async with transaction(engine, "support", at(n)) as tx:
        unit = UNITS.within(tx, KIM, f"act-{n}")
        await act_on_ticket(unit, ticket, "act", action)


async def erased(engine, *subjects, minute=60):
    async with transaction(engine, "support", at(minute), erasing=True) as tx:
        return await erase_customers(UNITS.within(tx), sorted(subjects))


@pytest.fixture
async def desk(engine, handle):
    """Ana with an open and a resolved ticket, Bo with one; people wrote into all of them."""
    await handle(CustomerChanged(at=at(0), customer="ana", version=1))
    await handle(registry(1, "claimed", 0, customer="ana"))
    await handle(
        fault(0, 1),
        fault(1, 2, code="hot"),
        fault(2, 1, source="cam-2", customer="bo"),
    )
    found = await rows(engine, "SELECT id, device, fault_code FROM ticket")
    ids = {(row["device"], row["fault_code"]): row["id"] for row in found}
    for n, id_ in enumerate(ids.values(), 10):
        await act(engine, id_, actions.comment("Ana Lind is at home", "shared"), n)
    await act(engine, ids["cam-1", "hot"], actions.resolve(Resolution.FIX, "told Ana"), 20)
    async with engine.begin() as connection:
        store = Store(connection)
        for id_ in ids.values():
            await store.reveals.grant("account:1", id_, at(90))
    return ids


async def test_tickets_end_and_are_nobodys_without_a_word(engine, desk):
    assert await erased(engine, "ana") == ["cam-1"]
    found = await rows(engine, "SELECT device, customer, state, resolution FROM ticket ORDER BY id")
    assert sorted(tuple(map(str, row.values())) for row in found) == [
        ("cam-1", "None", "resolved", "fix"),
        ("cam-1", "None", "resolved", "moved"),
        ("cam-2", "bo", "open", "None"),
    ]
    said = await rows(
        engine,
        "SELECT t.device FROM ticket_history h JOIN ticket t ON t.id = h.ticket "
        "WHERE h.detail::text LIKE '%Ana%'",
    )
    assert [row["device"] for row in said] == ["cam-2"], "what Bo's ticket says is not hers"
    lines = await rows(engine, "SELECT what FROM ticket_history WHERE what = 'commented'")
    assert len(lines) == 3, "the lines stay"
    assert await rows(engine, "SELECT id FROM customer") == []
    assert await rows(engine, "SELECT id FROM device WHERE customer IS NOT NULL") == []
    left = await rows(engine, "SELECT ticket FROM reveal")
    assert [row["ticket"] for row in left] == [desk["cam-2", "sd_card"]]


async def test_a_conversation_ends_and_is_nobodys_without_a_word(engine, desk):
    asked = actions.Request("ana", "Ana's picture", "Ana sees nothing", Channel.PHONE)
    async with transaction(engine, "support", at(30)) as tx:
        made = await open_ticket(UNITS.within(tx, KIM, "call-1"), asked)
    await act(engine, made.id, actions.comment("Ana called again"), 31)
    await erased(engine, "ana")
    found = await rows(engine, "SELECT * FROM ticket WHERE origin = 'person'")
    assert [(r["customer"], r["subject"], r["resolution"]) for r in found] == [
        (None, None, "moved")
    ]
    written = await rows(engine, "SELECT * FROM ticket_history")
    lines = [line for line in written if line["ticket"] == made.id]
    assert {line["what"] for line in lines} == {"opened", "commented", "resolved"}
    assert "Ana" not in str(lines)
    told = await rows(engine, "SELECT key, value FROM outbox")
    heard = [decode(row["value"]) for row in told]
    mine = [(each.change, each.customer, each.device) for each in heard if each.ticket == made.id]
    assert mine == [("opened", "ana", None), ("commented", "ana", None)], "then it is nobody's"


async def test_the_others_hear_that_the_ticket_ended_and_not_whose_it_was(engine, desk):
    await erased(engine, "ana")
    found = await rows(engine, "SELECT key, value FROM outbox ORDER BY position DESC LIMIT 1")
    told = decode(found[0]["value"])
    assert isinstance(told, TicketChanged)
    assert (told.change, told.customer, found[0]["key"]) == ("resolved", None, "d:cam-1")


async def test_erasing_again_or_somebody_unknown_changes_nothing(engine, desk):
    await erased(engine, "ana")
    before = await rows(engine, "SELECT * FROM ticket ORDER BY id")
    assert await erased(engine, "ana", "nobody", minute=70) == []
    assert await rows(engine, "SELECT * FROM ticket ORDER BY id") == before


async def test_the_next_owner_gets_a_ticket_of_their_own(engine, handle, desk):
    await erased(engine, "ana")
    await handle(fault(100, 9, customer="cy"))
    found = await rows(engine, "SELECT customer, state FROM ticket WHERE fault_code = 'sd_card'")
    assert ("cy", "open") in [tuple(row.values()) for row in found]
