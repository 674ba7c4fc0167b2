"""A CSV of customers becomes customers; bad lines are told and left out."""

import asyncio

import pytest

from services.journey.domain.imports.import_lines import COLUMNS

pytestmark = pytest.mark.servers

HEADER = ",".join(COLUMNS)
CSV = {"content-type": "text/csv"}


def line(number, name="Ana"):
    return (
        f"c-{number:05},household,Europe/Berlin,eu,{name},,,plus,2026-01-01T00:00:00Z,"
        "2027-01-01T00:00:00Z,4.5,cam,2026-01-01T00:00:00Z,99,Sea Lane 1"
    )


async def run(client, text):
    answer = await client.post("/v1/customers/import", content=text, headers=CSV)
    assert answer.status_code == 202, answer.text
    async with asyncio.timeout(90):
        while True:
            job = (await client.get(f"/v1/jobs/{answer.json()['job']}")).json()
            if job["state"] != "running":
                return job
            await asyncio.sleep(0.02)


async def test_a_thousand_customers_and_some_bad_lines(client):
    lines = [line(number) for number in range(1_200)]
    lines[700] = line(700).replace("Europe/Berlin", "Mars")
    lines[701] = "c-00701"
    job = await run(client, "\n".join([HEADER, *lines]))
    assert (job["state"], job["total"], job["done"], job["failed"]) == ("done", 1_200, 1_200, 2)
    assert job["errors"] == [
        {
            "item": 702,
            "error": "zone: text of 4 characters, expected an IANA time zone, e.g. Europe/Berlin",
        },
        {"item": 703, "error": "1 fields, expected 15 as in the header"},
    ]
    counts = {one["stage"]: one["customers"] for one in (await client.get("/v1/stages")).json()}
    assert counts["purchased"] == 1_198
    found = (await client.get("/v1/customers/c-01199")).json()
    assert (found["zone"], found["subscription"]["plan"]) == ("Europe/Berlin", "plus")


async def test_a_second_import_leaves_out_who_exists(client):
    await run(client, "\n".join([HEADER, line(1)]))
    job = await run(client, "\n".join([HEADER, line(1, "Other"), line(2)]))
    assert (job["done"], job["failed"]) == (2, 1)
    assert job["errors"] == [{"item": 2, "error": "id: a customer that exists, expected a new one"}]
    assert (await client.get("/v1/customers/c-00001")).json()["profile"]["name"] == "Ana"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        pytest.param(b"\xff\xfe", 400, "not_utf8", id="not UTF-8"),
        pytest.param(b"", 422, "bad_header", id="empty"),
        pytest.param(line(1).encode(), 422, "bad_header", id="no header"),
        pytest.param(b"id;name\na;b", 422, "bad_header", id="semicolons"),
        pytest.param("id,name\na,b".encode("utf-16"), 400, "not_utf8", id="UTF-16"),
        pytest.param("id,name\na,\u00f6".encode("latin-1"), 400, "not_utf8", id="Latin-1"),
        pytest.param(b'id,name\na,"Bob\nb,Bo\n', 422, "bad_csv", id="open quote"),
    ],
)
async def test_a_file_that_is_no_such_csv_is_refused(client, body, status, kind):
    answer = await client.post("/v1/customers/import", content=body, headers=CSV)
    assert answer.status_code == status
    assert answer.json()["type"] == f"urn:playcaller:problem:{kind}"


async def test_a_header_alone_is_an_import_of_nothing(client):
    job = await run(client, "\ufeff" + HEADER + "\r\n")
    assert (job["state"], job["done"]) == ("done", 0)


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\v", "\f", "\x85"])
async def test_lines_are_counted_as_they_are_read(client, letter):
    job = await run(client, f"id,name\nc-1,An{letter}n\nc-2,Bo\n")
    assert (job["state"], job["total"], job["done"]) == ("done", 2, 2)


@pytest.mark.parametrize(
    ("at", "price", "good"),
    [
        ("2026-03-01T10:00:00Z", "5", True), ("2026-03-01t10:00:00.5z", "5.25", True),
        ("2026-03-01T10:00:00+01:00", "1.299", True), ("2026-03-01T10:00:00Z", "1_299", False),
        ("2026-03-01T10:00:00Z", "\u0661\u0662\u0669", False), ("2026-03-01T10:00:00Z", "1e3", False),
        ("2026-03-01T10:00:00Z", "\uff15", False), ("2026-03-01T10:00:00Z", "+5", False),
        ("2026-03-01T10:00:00Z", '"1.299,00"', False), ("2026-03-01T10:00:00Z", "inf", False),
        ("2026-W09-7T10:00:00Z", "5", False), ("20260301T100000Z", "5", False),
        ('"2026-03-01T10:00:00,5Z"', "5", False), ("2026-03-01T10Z", "5", False),
        ("2026-03-01T10:00:00", "5", False), ("1772359200", "5", False),
    ],
)  # fmt: skip
async def test_amounts_and_times_are_read_in_one_way(client, at, price, good):
    job = await run(client, f"id,name,product,purchased_at,price\nc-1,A,cam,{at},{price}\n")
    assert job["failed"] == (0 if good else 1)
