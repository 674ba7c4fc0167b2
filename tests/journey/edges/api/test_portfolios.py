"""Which CSM has whom: one by one, some, a whole portfolio, and back."""

import pytest

from tests.signed import headers

pytestmark = pytest.mark.servers
ANN, BOB, EVE = "account:ann", "account:bob", "account:eve"
OVER = "/v1/portfolios/hand-over"


@pytest.fixture
async def three(client):
    """Over HTTP, with customers c-0 to c-2, whom Ann has."""
    for n in range(3):
        new = {"id": f"c-{n}", "profile": {"name": f"Person {n}"}}
        assert (await client.post("/v1/customers", json=new)).status_code == 201
    given = {"to": ANN, "customers": ["c-0", "c-1", "c-2", "nobody"]}
    moved = (await client.post(OVER, json=given)).json()
    assert (moved["customers"], moved["left"]) == (3, 1)
    return client


async def of(client, csm):
    found = (await client.get("/v1/customers", params={"csm": csm})).json()["items"]
    return [one["id"] for one in found]


async def test_a_whole_portfolio_goes_and_comes_back_but_for_who_was_handed_on(three, rows):
    key = {"Idempotency-Key": "k-1"}
    moved, again = [
        await three.post(OVER, json={"from": ANN, "to": BOB}, headers=key) for _ in range(2)
    ]
    assert moved.json() == again.json()
    assert (await three.get("/v1/portfolios")).json() == [{"csm": BOB, "customers": 3}]
    await three.put("/v1/customers/c-2/csm", json={"csm": EVE})
    back = await three.post(f"/v1/portfolios/hand-overs/{moved.json()['id']}/undo")
    assert (back.json()["customers"], back.json()["left"]) == (2, 1)
    assert await of(three, ANN) == ["c-0", "c-1"]
    assert await of(three, EVE) == ["c-2"]
    noted = await rows("SELECT action FROM audit WHERE action LIKE 'portfolio.%' ORDER BY n")
    said = [row["action"].removeprefix("portfolio.") for row in noted]
    assert said == ["hand_over", "hand_over", "set", "undo"]


async def test_some_of_a_portfolio_go_and_some_are_nobodys(three):
    some = {"from": ANN, "to": None, "customers": ["c-1"]}
    assert (await three.post(OVER, json=some)).json()["customers"] == 1
    assert await of(three, "none") == ["c-1"]
    assert await of(three, ANN) == ["c-0", "c-2"]
    assert (await three.get("/v1/customer-counts?csm=none")).json()["customers"] == 1
    # who has them meanwhile is asked: they are not Ann's any more
    assert (await three.post(OVER, json={**some, "to": BOB})).json()["customers"] == 0


async def test_the_second_of_two_who_give_a_customer_is_told(three):
    at = "/v1/customers/c-0/csm"
    read = await three.get(at)
    assert read.json()["csm"] == ANN
    seen = {"If-Match": read.headers["etag"]}
    assert (await three.put(at, json={"csm": BOB}, headers=seen)).json()["csm"] == BOB
    assert (await three.put(at, json={"csm": EVE}, headers=seen)).status_code == 412
    assert (await three.put(at, json={"csm": None})).json()["csm"] is None


@pytest.mark.parametrize(
    ("body", "role", "expected"),
    [
        ({"to": BOB}, "lead", 422),
        ({"from": "Ann", "to": BOB}, "lead", 422),
        ({"from": ANN, "to": "account:'; --"}, "lead", 422),
        ({"from": ANN, "to": BOB, "customers": []}, "lead", 422),
        ({"from": ANN, "to": BOB}, "csm", 403),
    ],
)
async def test_what_is_wrong_or_not_for_them_moves_nobody(three, body, role, expected):
    refused = await three.post(OVER, json=body, headers=headers(role))
    assert refused.status_code == expected, refused.text
    assert (await three.get("/v1/portfolios")).json() == [{"csm": ANN, "customers": 3}]
    assert (await three.post("/v1/portfolios/hand-overs/ab/undo")).status_code == 404
