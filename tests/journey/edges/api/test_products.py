"""The catalogue over HTTP, what purchases put into it, and what may be offered to a customer."""

import pytest

pytestmark = pytest.mark.servers

CSV = {"content-type": "text/csv"}
CAMERA = {"name": "Camera", "kind": "device", "price": 99.0}


async def customer(client, id_, *products, plan=None):
    new = {"id": id_, "profile": {"name": "Ana"}}
    new["purchases"] = [
        {"product": name, "at": "2026-01-05T10:00:00Z", "price": 99.0} for name in products
    ]
    if plan is not None:
        new["subscription"] = {"plan": plan, "started_at": "2026-01-05T10:00:00Z"}
    answer = await client.post("/v1/customers", json=new)
    assert answer.status_code == 201, answer.text


async def catalogue(client, **query):
    found = (await client.get("/v1/products", params=query)).json()["items"]
    return {one["id"]: one for one in found}


async def test_what_purchases_and_plans_name_waits_to_be_described(client):
    await customer(client, "c-1", "cam / outdoor", plan="plus")
    await client.post(
        "/v1/customers/c-1/purchases", json={"product": "solar", "at": "2026-02-05T10:00:00Z"}
    )
    waiting = await catalogue(client, described="false")
    assert set(waiting) == {"cam / outdoor", "plus", "solar"}

    put = await client.put("/v1/products/cam%20%2F%20outdoor", json=CAMERA)
    assert (put.status_code, put.json()["kind"]) == (200, "device")
    assert set(await catalogue(client, described="true")) == {"cam / outdoor"}
    await customer(client, "c-2", "cam / outdoor")  # naming it again changes nothing
    assert (await catalogue(client, kind="device"))["cam / outdoor"]["price"] == 99.0


async def test_the_second_of_two_who_change_a_product_is_told(client, rows):
    made = await client.put("/v1/products/cam", json=CAMERA)
    assert made.status_code == 201
    first = {"if-match": made.headers["etag"]}
    changed = await client.put("/v1/products/cam", json=CAMERA | {"price": 89.0}, headers=first)
    assert changed.status_code == 200
    late = await client.put("/v1/products/cam", json=CAMERA | {"price": 79.0}, headers=first)
    assert late.status_code == 412
    read = await client.get("/v1/products/cam")
    assert (read.json()["price"], read.headers["etag"]) == (89.0, changed.headers["etag"])
    query = "SELECT action, after FROM audit WHERE kind = 'product' ORDER BY n DESC LIMIT 1"
    assert await rows(query) == [{"action": "product.change", "after": {"price": 89.0}}]


async def test_a_file_is_taken_whole_or_not_at_all(client):
    header = "id,kind,price,works_with,replaces"
    bad = "\n".join([header, "cam,device,99,,", "solar,accessory,x,cam,", "bag,thing,,,"])
    answer = await client.post("/v1/products/import", content=bad, headers=CSV)
    assert answer.status_code == 422
    assert "line 3: price" in answer.json()["detail"]
    assert "line 4: kind" in answer.json()["detail"]
    nowhere = "\n".join([header, "cam,device,99,,", "solar,accessory,39,can,"])
    answer = await client.post("/v1/products/import", content=nowhere, headers=CSV)
    assert answer.status_code == 422
    assert "solar: works_with: no product can; meant cam?" in answer.json()["detail"]
    assert await catalogue(client) == {}

    good = "\n".join([header, "cam,device,99,,", "solar,accessory,39,cam,"])
    for stocked in ((2, 0, 0), (0, 0, 2)):
        answer = await client.post("/v1/products/import", content=good, headers=CSV)
        assert answer.status_code == 200, answer.text
        assert tuple(answer.json().values()) == stocked


async def test_what_may_be_offered_to_a_customer_and_why_the_rest_may_not(client):
    header = "id,kind,price,works_with,replaces,sold_until"
    lines = [
        "cam,device,99,,,2026-03-01T00:00:00Z", "cam 2,device,119,,cam,", "solar,accessory,39,cam,,",
        "lock plus,subscription,3,lock,,", "lock,device,149,,,", "plus,subscription,4,,,",
    ]  # fmt: skip
    content = "\n".join([header, *lines])
    assert (await client.post("/v1/products/import", content=content, headers=CSV)).is_success
    await customer(client, "c-1", "cam", plan="plus")
    await customer(client, "c-2")
    offers = {one["product"]: one for one in (await client.get("/v1/customers/c-1/offers")).json()}
    assert {name: one["refusal"] for name, one in offers.items()} == {
        "cam": "owned", "cam 2": None, "solar": None, "lock plus": "incompatible", "lock": None,
        "plus": "owned",
    }  # fmt: skip
    assert offers["lock plus"]["instead"] == ["lock"]
    others = {one["product"]: one for one in (await client.get("/v1/customers/c-2/offers")).json()}
    assert (others["cam"]["refusal"], others["cam"]["instead"]) == ("no_longer_sold", ["cam 2"])
    assert (await client.get("/v1/customers/nobody/offers")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"kind": "thing"}, "body.kind"),
        ({"margin": 1.5}, "body.margin"),
        ({"limits": {"a|b": 1}}, "body.limits"),
        ({"limits": {"cameras": "5"}}, "body.limits.cameras"),
        ({"works_with": ["nothing of ours"]}, "works_with"),
        ({"sold_from": "2026-02-01T00:00:00Z", "sold_until": "2026-01-01T00:00:00Z"}, "sold_until"),
        ({"colour": "red"}, "body.colour"),
    ],
)
async def test_what_is_wrong_with_a_product_is_named_and_nothing_kept(client, wrong, where):
    answer = await client.put("/v1/products/cam", json=CAMERA | wrong)
    assert answer.status_code == 422
    assert where in answer.text
    assert (await client.get("/v1/products/cam")).status_code == 404
