"""The registry over HTTP: what a vendor's operations do, and what others hear of it."""

import json

import pytest

from shared.clock import wall_now
from tests.ingest.device import BOOT, new_id, of_source, records, until, usage

pytestmark = pytest.mark.servers


async def news(ingest, source: str) -> list[dict]:
    return await of_source(ingest.kafka, "registry.changed", source)


async def test_devices_are_found_by_model_firmware_silence_and_the_beginning_of_their_id(ingest):
    batch, model = new_id("batch"), new_id("model")
    for n, firmware in enumerate(("1.0", "1.0", "2.0")):
        body = {"id": f"{batch}-{n}", "model": model, "firmware": firmware}
        await ingest.post("/v1/devices", 201, json=body)
    await ingest.post(f"/v1/devices/{batch}-1/retire")

    async def found(**query):
        page = await ingest.get("/v1/devices", **query)
        return [one["id"].removeprefix(batch) for one in page["items"]]

    assert await found(model=model) == ["-0", "-1", "-2"]
    assert await found(model=model, firmware="1.0") == ["-0", "-1"]
    assert await found(model=model, firmware="1.0", status="retired") == ["-1"]
    assert await found(beginning=f"{batch}-2") == ["-2"]
    assert await found(beginning=f"{batch}%") == []
    assert await found(model=model, silent_hours=1) == []
    counted = [one for one in await ingest.get("/v1/models") if one["model"] == model]
    assert [(one["firmware"], one["sources"], one["in_use"], one["silent"]) for one in counted] == [
        ("1.0", 2, 1, 0), ("2.0", 1, 1, 0)
    ]  # fmt: skip


async def test_the_life_of_a_device(ingest):
    source = new_id("cam")
    body = {"id": source, "model": "cam-2", "firmware": "1.0", "battery": True}
    made = await ingest.post("/v1/devices", 201, json=body)
    assert (made["status"], made["customer"], made["protocol"]) == ("registered", None, "unknown")
    assert (await ingest.post("/v1/devices", 201, json=body))["status"] == "registered"
    claimed = await ingest.post(f"/v1/devices/{source}/claim", json={"customer": "ann"})
    assert (claimed["status"], claimed["customer"]) == ("claimed", "ann")
    await ingest.post(f"/v1/devices/{source}/claim", json={"customer": "ann"})
    refused = await ingest.post(f"/v1/devices/{source}/claim", 409, json={"customer": "bob"})
    assert refused["type"] == "urn:playcaller:problem:already_claimed"
    moved = await ingest.post(f"/v1/devices/{source}/move", json={"customer": "bob"})
    assert [o["customer"] for o in moved["owners"]] == ["ann", "bob"]
    assert moved["owners"][0]["to"] == moved["owners"][1]["from"]
    retired = await ingest.post(f"/v1/devices/{source}/retire")
    assert retired["status"] == "retired"
    await ingest.post(f"/v1/devices/{source}/retire")
    await ingest.post(f"/v1/devices/{source}/claim", 409, json={"customer": "ann"})
    shown = await ingest.get(f"/v1/devices/{source}")
    assert (shown["status"], shown["customer"], len(shown["owners"])) == ("retired", None, 2)

    async def told() -> list[dict]:
        found = await news(ingest, source)
        return found if len(found) == 4 else []

    found = await until(told)
    assert [(n["change"], n["version"], n.get("customer")) for n in found] == [
        ("registered", 1, None), ("claimed", 2, "ann"), ("moved", 3, "bob"), ("retired", 4, None),
    ]  # fmt: skip
    assert {n["_key"] for n in found} == {f"d:{source}".encode()}
    assert found[2]["previous_customer"] == "ann"
    assert found[1]["battery"] is True


async def test_a_retired_device_is_refused(ingest):
    source = await ingest.registered("cam", customer="ann")
    device = ingest.device(source)
    device.publish("usage", usage(1))
    await device.heard("ack")
    await ingest.post(f"/v1/devices/{source}/retire")
    device.publish("usage", usage(2))
    told = await device.heard("reject")
    assert (told["reject"]["reason"], told["reject"]["seq"]) == ("retired", [[2, 2]])


async def test_events_after_a_move_are_the_new_owners(ingest):
    source = await ingest.registered("cam", customer="ann")
    device = ingest.device(source)
    before = wall_now().isoformat()
    device.publish("usage", usage(1))
    await device.heard("ack")
    await ingest.post(f"/v1/devices/{source}/move", json={"customer": "bob"})
    device.publish("usage", usage(2))
    device.publish("usage", usage(3, at=before))  # it happened at ann's, and was sent late

    async def three() -> list[dict]:
        found = await of_source(ingest.kafka, "device.usage", source)
        return found if len(found) == 3 else []

    owners = {r["seq"]: (r["customer"], r["_key"]) for r in await until(three)}
    assert owners == {1: ("ann", b"c:ann"), 2: ("bob", b"c:bob"), 3: ("ann", b"c:ann")}


async def test_facts_from_before_the_claim_are_adopted(ingest):
    source = await ingest.registered("cam")
    device = ingest.device(source)
    started = {k: v for k, v in usage(1, type="setup_started").items() if k != "by"}
    linked = {**started, "type": "integration_linked", "seq": 2, "platform": "alexa"}
    device.publish("lifecycle", [started, linked])
    device.publish("lifecycle", {"ask": 1})
    await device.heard("echo")
    await ingest.post(f"/v1/devices/{source}/claim", json={"customer": "ann"})

    async def told() -> list[dict]:
        found = [n for n in await news(ingest, source) if n["change"] == "adopted"]
        return found if len(found) == 2 else []

    first, second = await until(told)
    assert (first["adopted"], first["customer"], first["version"]) == ("setup_started", "ann", 2)
    assert first["adopted_id"] == f"/{source}/lifecycle#{BOOT}:1"
    assert (second["adopted"], second["platform"]) == ("integration_linked", "alexa")
    late = {**started, "type": "setup_completed", "seq": 3, "at": "2020-01-01T00:00:00Z"}
    del late["sent"]
    device.publish("lifecycle", late)  # nothing goes wrong with what is too old, either
    assert (await device.heard("reject"))["reject"]["reason"] == "bad_time"


async def test_an_import_registers_and_names_what_it_leaves_out(ingest):
    prefix = new_id("many")
    lines = [f"{prefix}-{n},cam-2,1.{n % 3},{'true' if n % 2 else ''}" for n in range(2_500)]
    lines[7] = f"{prefix}-7,cam-2,1.0"
    lines[8] = "NOT AN ID,cam-2,1.0,true"
    lines[9] = f"{prefix}-9,cam-2,1.0,maybe"
    lines[10] = lines[11].replace("cam-2", "cam-3")
    table = "id,model,firmware,battery\n" + "\n".join(lines)
    headers = {"content-type": "text/csv"}
    made = await ingest.post("/v1/devices/import", 202, content=table, headers=headers)

    async def over() -> dict | None:
        job = await ingest.get(f"/v1/jobs/{made['job']}")
        return None if job["state"] == "running" else job

    job = await until(over, 120)
    assert (job["state"], job["total"], job["done"], job["failed"]) == ("done", 2_500, 2_500, 4)
    told = {each["item"]: each["error"] for each in job["errors"]}
    assert "columns" in told[9]
    assert "id" in told[10]
    assert "battery" in told[11]
    assert "SourceExists" in told[13]
    assert (await ingest.get(f"/v1/devices/{prefix}-2499"))["battery"] is True
    assert (await ingest.get(f"/v1/devices/{prefix}-11"))["model"] == "cam-3"


@pytest.mark.parametrize(
    "table",
    [
        b"\xff\xfe",
        b"",
        b"name,model\na,b",
        b"id,colour\na,red",
        b'id,model\n"a,b',
        b'id,model\na,"b\nc,d\n',
        b"id;model\na;b",
        "id,model\na,b".encode("utf-16"),
    ],
    ids=[
        "not utf-8",
        "nothing",
        "no id",
        "unknown column",
        "open quote",
        "a later open quote",
        "semicolons",
        "utf-16",
    ],
)
async def test_what_is_no_import(ingest, table):
    headers = {"content-type": "text/csv"}
    refused = await ingest.post("/v1/devices/import", 422, content=table, headers=headers)
    assert refused["type"].endswith("bad_csv")


async def test_a_file_is_taken_whole_or_not_at_all_and_gives_its_passwords_once(ingest):
    prefix = new_id("whole")
    good = [f"{prefix}-{n},cam-2" for n in range(1_200)]
    bad = [*good, "NO ID,cam-2", f"{prefix}-x,", f"{prefix}-7,cam-2", f"{prefix}-y,cam-2,more"]
    headers = {"content-type": "text/csv"}

    def table(lines):
        return "id,model\n" + "\n".join(lines)

    path = "/v1/devices/import"
    refused = await ingest.post(f"{path}?whole=true", 422, content=table(bad), headers=headers)
    assert refused["count"] == 4
    assert [(each["line"], each["column"]) for each in refused["lines"]] == [
        (1202, "id"), (1203, "model"), (1204, "id"), (1205, None),
    ]  # fmt: skip
    async with ingest.client() as client:
        assert (await client.get(f"/v1/devices/{prefix}-7")).status_code == 404
        made = await ingest.post(f"{path}?whole=true", 202, content=table(good), headers=headers)

        async def over() -> dict | None:
            job = await ingest.get(f"/v1/jobs/{made['job']}")
            return None if job["state"] == "running" else job

        assert (await until(over, 120))["made"] == len(good)
        passwords = []
        for _ in range(2):
            answer = await client.post(f"{path}/{made['job']}/passwords")
            rows = [line.split(",") for line in answer.text.split()]
            assert {id_ for id_, _ in rows[1:]} == {line.split(",")[0] for line in good}
            assert len(rows) == 1 + len(good)
            passwords += [password for _, password in rows[1:]]
        assert len(set(passwords)) == 2 * len(good)  # none is ever shown again


async def test_blanks_around_values_are_nothing(ingest):
    prefix = new_id("blank")
    rows = [
        "a,doorcam-2,4.2.0,false", "b,doorcam-2 ,4.2.0 , FALSE ", "c, doorcam-2,4.2.0,",
        "d,\u00a0doorcam-2\u00a0,4.2.0,", "e, ,,", "f,door\u2028cam,,", " , , , ",
    ]  # fmt: skip
    table = "\ufeffid , model,firmware,battery\n" + "\n".join(
        f" {prefix}-{row}" for row in rows[:6]
    )
    body = f"{table}\n{rows[6]}\n"
    headers = {"content-type": "text/csv"}
    made = await ingest.post("/v1/devices/import", 202, content=body, headers=headers)

    async def over() -> dict | None:
        job = await ingest.get(f"/v1/jobs/{made['job']}")
        return None if job["state"] == "running" else job

    job = await until(over, 120)
    assert (job["total"], job["done"], job["failed"]) == (6, 6, 2)
    assert [(one["item"], one["error"].split(":")[0]) for one in job["errors"]] == [
        (6, "model"), (7, "model"),
    ]  # fmt: skip
    found = [await ingest.get(f"/v1/devices/{prefix}-{name}") for name in "abcd"]
    assert {(one["model"], one["firmware"], one["battery"]) for one in found} == {
        ("doorcam-2", "4.2.0", False)
    }


async def test_apps_are_claimed_as_they_come(ingest):
    app, other = new_id("phone"), new_id("phone")
    made = await ingest.post("/v1/apps", 201, json={"id": app, "model": "ios", "customer": "ann"})
    assert (made["kind"], made["status"], made["customer"]) == ("app", "claimed", "ann")
    device = ingest.device(app, kind="app")
    event = {"type": "app_opened", "boot": BOOT, "seq": 1, "at": wall_now().isoformat()}
    device.publish("app", event)
    (record,) = await until(lambda: of_source(ingest.kafka, "app.usage", app))
    assert record["_key"] == b"c:ann"
    table = f"id,model,customer\n{app},ios,ann\n{other},android,bob\n"
    headers = {"content-type": "text/csv"}
    job = (await ingest.post("/v1/apps/import", 202, content=table, headers=headers))["job"]

    async def over() -> dict | None:
        found = await ingest.get(f"/v1/jobs/{job}")
        return None if found["state"] == "running" else found

    assert (await until(over))["failed"] == 0
    assert (await ingest.get(f"/v1/apps/{other}"))["customer"] == "bob"
    async with ingest.client() as client:
        assert (await client.get(f"/v1/devices/{other}")).status_code == 404


async def test_many_claims_at_once(ingest):
    first, second = await ingest.registered("cam"), await ingest.registered("cam", customer="eve")
    claims = [
        {"source": first, "customer": "ann"},
        {"source": second, "customer": "ann"},
        {"source": "nobody-knows-me", "customer": "ann"},
        {"source": first, "customer": "ann"},
    ]
    done = await ingest.post("/v1/claims", json={"claims": claims})
    assert (done["claimed"], done["unchanged"]) == (1, 1)
    assert [(each["source"], each["kind"]) for each in done["left_out"]] == [
        (second, "already_claimed"), ("nobody-knows-me", "source_not_found"),
    ]  # fmt: skip
    assert (await ingest.get(f"/v1/devices/{first}"))["customer"] == "ann"


async def test_a_claim_is_for_an_id_that_journey_takes_too(ingest):
    cam = await ingest.registered("cam")
    async with ingest.client() as client:
        for customer in ("..", ".", "-x", ":a", "a/b", "a\u202e", ""):
            body = {"claims": [{"source": cam, "customer": customer}]}
            assert (await client.post("/v1/claims", json=body)).status_code == 422
            one = await client.post(f"/v1/devices/{cam}/claim", json={"customer": customer})
            assert one.status_code == 422
        one = await client.post(f"/v1/devices/{cam}/claim", json={"customer": "crm:100"})
        assert (one.status_code, one.json()["customer"]) == (200, "crm:100")


async def test_pages(ingest):
    customer = new_id("pager")
    sources = sorted([await ingest.registered("cam", customer=customer) for _ in range(5)])
    seen, after = [], None
    while True:
        query = {"customer": customer, "limit": 2, **({"after": after} if after else {})}
        page = await ingest.get("/v1/devices", **query)
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == sources
    claimed = await ingest.get("/v1/devices", customer=customer, status="claimed")
    assert len(claimed["items"]) == 5
    assert (await ingest.get("/v1/devices", customer=customer, status="retired"))["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/devices", {"id": "CAM", "model": "x"}, 422),
        ("POST", "/v1/devices", {"id": "cam", "model": ""}, 422),
        ("POST", "/v1/devices", {"id": "cam", "model": "x", "role": "admin"}, 422),
        ("POST", "/v1/devices", {"id": "a" * 65, "model": "x"}, 422),
        ("POST", "/v1/devices", {"id": "cam", "model": "a\0b"}, 422),
        ("POST", "/v1/devices/nobody/claim", {"customer": "ann"}, 404),
        ("POST", "/v1/devices/nobody/claim", {"customer": "a b"}, 422),
        ("POST", "/v1/devices/nobody/move", {"customer": "ann"}, 404),
        ("POST", "/v1/devices/nobody/retire", None, 404),
        ("GET", "/v1/devices/nobody", None, 404),
        ("GET", "/v1/devices/%00", None, 422),
        ("GET", "/v1/devices?limit=0", None, 422),
        ("GET", "/v1/devices?after=xx", None, 400),
        ("GET", "/v1/devices?customer=%00", None, 422),
        ("GET", "/v1/rejects/nobody", None, 404),
        ("GET", "/v1/rejects?after=xx", None, 400),
        ("GET", "/v1/rejects?source=%00", None, 422),
        ("GET", "/v1/jobs/nobody", None, 404),
    ],
)
async def test_what_is_refused(ingest, method, path, body, status):
    async with ingest.client() as client:
        answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_pages_of_rejects(ingest):
    source = await ingest.registered("cam")
    device = ingest.device(source)
    for seq in range(5):
        device.publish("usage", usage(seq, by="robot"))
        await device.heard("reject")
    seen, after = [], None
    while True:
        query = {"source": source, "limit": 2, **({"after": after} if after else {})}
        page = await ingest.get("/v1/rejects", **query)
        seen += [item["seqs"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [[[n, n]] for n in (4, 3, 2, 1, 0)]
    again = usage(9, by="robot")
    for _ in range(3):
        device.publish("usage", again)
        await device.heard("reject")
    newest = (await ingest.get("/v1/rejects", source=source, reason="out_of_range"))["items"][0]
    assert (newest["times"], newest["elements"]) == (3, 1)


async def test_no_personal_data_in_rejected(ingest):
    source = await ingest.registered("cam")
    device = ingest.device(source)
    device.publish("usage", usage(1, by="ann@example.org"))
    await device.heard("reject")
    found = [r.value for r in await records(ingest.kafka, "ingest.rejected")]
    assert any(json.loads(value)["source"] == source for value in found)
    assert not any(b"ann@example.org" in value for value in found)
