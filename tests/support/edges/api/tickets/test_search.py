"""What a few typed letters lead to: tickets by id, serial, code and words; a partner by what it is shown."""

import pytest
from sqlalchemy import text

from tests.signed import headers
from tests.support.build import at

pytestmark = pytest.mark.servers

# id, minute, subject, device, code
TICKETS = [
    ("a", 0, "No picture at night", "", None),
    ("b", 1, "Call Ann +49 170 5550142, ann@example.org", "", None),
    ("c", 2, None, "cam-12", "lens"),
    ("d", 3, None, "cam-2", "motor"),
    ("e", 4, "Picture frozen", "", None),
]


@pytest.fixture
async def desk(engine):
    async with engine.begin() as connection:
        for id_, minute, subject, device, code in TICKETS:
            await connection.execute(
                text(
                    """INSERT INTO ticket (id, origin, customer, state, opened_at, opened_by,
                      reopen_count, priority, subject, historical, version, device)
                    VALUES (:id, 'person', 'ana', 'open', :at, 'x', 0, 'normal', :subject, false, 1,
                      :device)"""
                ),
                {"id": id_, "at": at(minute), "subject": subject, "device": device},
            )
            if code:
                await connection.execute(
                    text(
                        """INSERT INTO ticket_fault (ticket, key, device, code, component, severity,
                          first_seen, last_seen, faults, flapping, is_open)
                        VALUES (:id, :id, :device, :code, '', 'error', now(), now(), 1, false, true)"""
                    ),
                    {"id": id_, "device": device, "code": code},
                )
        await connection.execute(
            text("INSERT INTO organisation VALUES ('helpers', 'Helpers', true, 1, now())")
        )
        for id_ in "abc":
            await connection.execute(
                text("INSERT INTO shared_with VALUES ('ticket', :id, 'helpers', 'x', now())"),
                {"id": id_},
            )


@pytest.mark.parametrize(
    ("asked", "ours", "theirs"),
    [
        pytest.param("a", "ba", "ba", id="an id, and words that begin so"),
        pytest.param("pict", "ea", "a", id="the beginning of a word"),
        pytest.param("night pict", "a", "a", id="two beginnings"),
        pytest.param("lens", "c", "c", id="a code"),
        pytest.param("motor", "d", "", id="a code of what is not shared"),
        pytest.param("cam", "dc", "", id="the beginning of a serial is for our own people"),
        pytest.param("cam-1", "c", "", id="more of it"),
        pytest.param("ann@example.org", "", "", id="an address is one word"),
        pytest.param("0142", "", "", id="not the end of a number"),
        pytest.param("170", "b", "", id="a number is hidden from partners"),
        pytest.param("'|!:*", "", "", id="signs only"),
    ],
)
async def test_what_is_found(client, desk, asked, ours, theirs):
    partner = headers("partner", org="helpers")
    for who, ids in ((headers("agent"), ours), (partner, theirs)):
        found = await client.get("/v1/tickets/search", params={"text": asked}, headers=who)
        assert found.status_code == 200, found.text
        assert "".join(ticket["id"] for ticket in found.json()) == ids
    few = await client.get("/v1/tickets/search", params={"text": asked, "limit": 1})
    assert len(few.json()) == min(1, len(ours))


async def test_which_of_many_are_visible(client, desk):
    asked = {"id": ["a", "d", "nowhere"]}
    ours = await client.get("/v1/tickets/visible", params=asked, headers=headers("agent"))
    assert ours.json() == ["a", "d"]
    partner = headers("partner", org="helpers")
    theirs = await client.get("/v1/tickets/visible", params=asked, headers=partner)
    assert theirs.json() == ["a"]
    other = headers("partner", org="others")
    assert (await client.get("/v1/tickets/visible", params=asked, headers=other)).json() == []
    assert (await client.get("/v1/tickets/visible", headers=partner)).status_code == 422
