"""One rule for ids, zones and texts at every door of journey; what is stored already stays reachable."""

import pytest
from sqlalchemy import text

from services.journey.store.customers import Customers
from tests.journey.conftest import START
from tests.journey.edges.api.test_imports import run

pytestmark = pytest.mark.servers

BAD_IDS = ["..", ".", "-x", ".a", ":a", "a/b", "a\u202e"]
BAD_ZONES = ["localtime", "Factory", "posixrules", "right/Europe/Berlin", "Etc/Unknown", "Europe"]
BAD_NAMES = ["A\u009bn", "A\u202en", "A\u2066n", "A\u200bn", "\ufeffAn", "A\x1bn", "\u00a0 "]
BAD_PHONES = ["4.91701E+11", "4,9e11", "491701234567.0", "#NUM!"]


@pytest.mark.parametrize("id_", BAD_IDS)
async def test_no_door_takes_an_id_that_something_eats(client, id_):
    answer = await client.post("/v1/customers", json={"id": id_, "profile": {"name": "A"}})
    assert answer.status_code == 422
    job = await run(client, f'id,name\n"{id_}",A\n')
    assert (job["done"], job["failed"]) == (1, 1)
    assert job["errors"][0]["error"].startswith("id: text of ")
    assert (await client.get("/v1/customers")).json()["items"] == []


@pytest.mark.parametrize("id_", ["crm:100", "_a", "a..b"])
async def test_what_ingest_takes_journey_takes_shows_and_erases(client, handle, id_):
    made = await client.post("/v1/customers", json={"id": id_, "profile": {"name": "A"}})
    assert made.status_code == 201
    assert (await client.get(f"/v1/customers/{id_}")).status_code == 200
    erased = await client.post(f"/v1/customers/{id_}/erasure", json={"reason": "request 1"})
    assert erased.status_code == 202


@pytest.mark.parametrize("id_", ["..", "-x", ":a"])
async def test_who_is_stored_under_an_id_taken_no_more_is_found_and_erased(client, engine, id_):
    async with engine.begin() as connection:
        await Customers(connection).hold([id_], START)
    path = "/v1/customers/" + "".join(f"%{ord(letter):02X}" for letter in id_)
    assert (await client.get(path)).json()["id"] == id_
    erased = await client.post(f"{path}/erasure", json={"reason": "request 1"})
    assert (erased.status_code, erased.json()["customer"]) == (202, id_)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT id FROM customer"))).all() == []


@pytest.mark.parametrize("zone", BAD_ZONES)
async def test_no_door_takes_a_zone_of_the_machine(client, zone):
    new = {"id": "c-1", "zone": zone, "profile": {"name": "A"}}
    assert (await client.post("/v1/customers", json=new)).status_code == 422
    job = await run(client, f"id,zone,name\nc-1,{zone},A\nc-2,Europe/Kyiv,B\n")
    assert [one["item"] for one in job["errors"]] == [2]
    assert job["errors"][0]["error"].endswith("expected an IANA time zone, e.g. Europe/Berlin")


@pytest.mark.parametrize("name", BAD_NAMES)
async def test_no_door_takes_what_nobody_sees(client, name):
    answer = await client.post("/v1/customers", json={"profile": {"name": name}})
    assert [one["field"] for one in answer.json()["errors"]] == ["body.profile.name"]
    job = await run(client, f'id,name\nc-1,"{name}"\nc-2,B\n')
    assert (job["done"], [one["item"] for one in job["errors"]]) == (2, [2])


@pytest.mark.parametrize("phone", BAD_PHONES)
async def test_no_door_takes_a_number_that_a_spreadsheet_rounded(client, phone):
    new = {"profile": {"name": "A", "phone": phone}}
    assert (await client.post("/v1/customers", json=new)).status_code == 422
    job = await run(client, f'id,name,phone\nc-1,A,"{phone}"\n')
    assert job["errors"][0]["error"].startswith("phone: ")


async def test_one_name_in_two_spellings_is_stored_in_one(client):
    new = {"id": "c-1", "profile": {"name": "  Ga\u0308rtner\u00a0 Haus "}}
    made = await client.post("/v1/customers", json=new)
    assert made.json()["profile"]["name"] == "G\u00e4rtner Haus"
