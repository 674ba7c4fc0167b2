import csv
import io
from datetime import UTC, datetime

import httpx
import pytest

from tools.fleet.errors import NotInTime, RegistryRefused
from tools.fleet.household import household
from tools.fleet.registry import Registry
from tools.fleet.story import Setting
from tools.fleet.vendor import CUSTOMER_COLUMNS, Vendor, Work, table

START = 1_780_000_000
SETTING = Setting(90)
HOMES = [household(2, n, SETTING) for n in range(400)]


def days():
    vendor = Vendor(HOMES, 2, SETTING, START)
    return [vendor.day(day) for day in range(120)]


def test_everybody_is_imported_registered_and_claimed_once():
    work = days()
    customers = [row[0] for each in work for row in each.customers]
    devices = [row[0] for each in work for row in each.devices]
    claims = [claim for each in work for claim in each.claims]
    assert sorted(customers) == sorted(home.customer for home in HOMES)
    own = [d for d in devices if not d.startswith("prototype")]
    assert sorted(own) == sorted(d.id for home in HOMES for d in home.devices)
    assert sorted(claims) == sorted((d.id, h.customer) for h in HOMES for d in h.devices)
    assert sum(len(each.apps) for each in work) == sum(home.app is not None for home in HOMES)


def test_a_customer_comes_before_claims_and_sources_well_before_they_connect():
    sold, registered, claimed, installed = {}, {}, {}, {}
    for day, work in enumerate(days()):
        sold |= {row[0]: day for row in work.customers}
        registered |= {row[0]: day for row in work.devices}
        claimed |= {source: day for source, _ in work.claims}
        installed |= {row[0]: day for row in work.apps}
    for home in HOMES:
        assert home.purchased < sold[home.customer] or sold[home.customer] == 0
        for device in home.devices:
            assert sold[home.customer] <= claimed[device.id] <= max(device.joined, 0)
            assert registered[device.id] <= max(claimed[device.id] - 7, 0)
        if home.app is not None:
            assert installed[home.app] <= max(home.story.joined - 3, 0)


def test_work_done_a_day_ahead_speaks_of_nothing_to_come():
    for day, work in enumerate(days()):
        done_at = START + (day - 1) * 86_400 if day else START
        moments = [row[-2] for row in work.customers] + [at for _, at, _ in work.renewals]
        assert all(datetime.fromisoformat(m).timestamp() <= done_at for m in moments if m)


def test_most_terms_that_end_are_renewed_before_and_none_twice():
    renewals = [r for work in days() for r in work.renewals]
    assert len({r[:2] for r in renewals}) == len(renewals)
    assert all(r[1] < r[2] for r in renewals)
    due = [h for h in HOMES if h.plan != "none" and 0 <= h.purchased + 360 < 90]
    assert 0.6 * len(due) <= len(renewals) <= len(due)


def test_an_exchanged_device_is_retired_days_after_its_last_event():
    retired = {device: day for day, work in enumerate(days()) for device in work.retire}
    exchanged = [home for home in HOMES if home.story.exchanged is not None]
    assert exchanged
    for home in exchanged:
        assert retired[home.devices[0].id] >= home.story.exchanged + 2


def test_a_day_is_handed_out_once():
    vendor = Vendor(HOMES, 2, SETTING, START)
    assert vendor.day(0)
    assert not vendor.day(0)


def test_the_table_is_csv_with_the_columns_of_the_contract():
    (work, *_) = days()
    rows = list(csv.DictReader(io.StringIO(table(CUSTOMER_COLUMNS, work.customers))))
    assert len(rows) == len(work.customers)
    assert list(rows[0]) == list(CUSTOMER_COLUMNS)
    assert {row["zone"] for row in rows} == {"Europe/Berlin", "America/New_York", "Asia/Tokyo"}
    assert all((row["plan"] == "") == (row["renews_at"] == "") for row in rows)


def registry(handler):
    made = Registry("http://ingest", "http://journey")
    for client in (made._ingest, made._journey):
        client._transport = httpx.MockTransport(handler)
    return made


async def test_imports_are_awaited_before_what_joins_them():
    seen = []

    def handler(request):
        seen.append((request.url.host, request.method, request.url.path))
        if request.url.path.endswith("/import"):
            return httpx.Response(202, json={"job": {"id": request.url.path.split("/")[2]}})
        if request.method == "GET":
            return httpx.Response(200, json={"state": "done", "errors": []})
        return httpx.Response(200, json={})

    work = Work(
        customers=[("c-1", *[""] * 13)],
        devices=[("cam-1", "m", "1", "false")],
        apps=[("app-1", "m", "c-1")],
        claims=[("cam-1", "c-1")],
        renewals=[("c-1", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")],
    )
    made = registry(handler)
    await made.do(work)
    await made.close()
    posts = [(host, path) for host, method, path in seen if method == "POST"]
    assert set(posts[:2]) == {
        ("journey", "/v1/customers/import"),
        ("ingest", "/v1/devices/import"),
    }
    assert posts[2:] == [
        ("ingest", "/v1/apps/import"),
        ("ingest", "/v1/claims"),
        ("journey", "/v1/renewals"),
    ]
    assert seen.index(("ingest", "GET", "/v1/jobs/devices")) < seen.index(
        ("ingest", "POST", "/v1/apps/import")
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"state": "done", "errors": [{"item": 2, "error": "no zone"}]}, id="a row"),
        pytest.param({"state": "failed", "problem": "no zone", "errors": []}, id="the whole job"),
    ],
)
async def test_an_import_that_leaves_something_out_stops_the_fleet(answer):
    def handler(request):
        if request.method == "POST":
            return httpx.Response(202, json={"job": "j"})
        return httpx.Response(200, json=answer)

    made = registry(handler)
    with pytest.raises(RegistryRefused, match="no zone"):
        await made.do(Work(customers=[("c-1", *[""] * 13)]))
    await made.close()


async def test_a_refusal_is_told_with_its_status():
    made = registry(lambda _: httpx.Response(409, text="already retired"))
    with pytest.raises(RegistryRefused, match=r"409.*already retired"):
        await made.retire("cam-1")
    await made.close()


async def test_services_on_the_wall_clock_are_named_at_once():
    def handler(_):
        facts = {"clock": "wall", "now": "2026-01-01T00:00:00Z"}
        return httpx.Response(200, json={"facts": facts})

    made = registry(handler)
    with pytest.raises(NotInTime, match="CLOCK=stream"):
        await made.wait_for_clocks(httpx_now())
    await made.close()


async def test_it_waits_until_simulated_time_has_begun():
    answers = iter(["2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z"] + ["2026-01-01T00:00:00Z"] * 9)

    def handler(_):
        return httpx.Response(200, json={"facts": {"clock": "stream", "now": next(answers)}})

    made = registry(handler)
    await made.wait_for_clocks(httpx_now())
    await made.close()


def httpx_now():
    return datetime(2026, 1, 1, 6, tzinfo=UTC)
