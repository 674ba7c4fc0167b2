"""Every route that changes something leaves a row in the audit, and one that is refused leaves none.

Each service as wired, on a real database, with a story that uses all its routes; a route that no
story uses fails the test. Console's story is in tests/console/edges/test_audit.py.
"""

import asyncio
import importlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from services.journey.domain.messages.signature import key_of, signed
from services.support.edges.consumer import HANDLERS
from services.support.store.store import Store
from shared import pki
from shared.clock import wall_now
from shared.db import audit
from shared.db.audit import Author, Entry
from shared.device_authority import DeviceAuthority
from shared.events import CustomerChanged
from shared.stream import quarantine
from shared.stream.quarantine import Quarantined
from shared.stream.transaction import transaction
from shared.web.guards.rights import Table
from shared.web.who import ROLES
from tests.apis import wired
from tests.signed import headers
from tests.support.build import RULES, fault, records
from tests.units import units
from tests.witness import Witness, changing

pytestmark = pytest.mark.servers

SUPPORT = units("support", Store, RULES).handlers(HANDLERS)

RISK = """INSERT INTO risk (customer, region, cohort, day, tier, posterior, drop_stop, drop_most,
    drop_part, expected, recent, usual, baseline, severity, risk, reporting_days, silent_days, days_above,
    factor, weight, dispersion, outage)
  VALUES ('ana', 'eu', 'eu', DATE '2026-03-01', 'watch', 0, 0, 0, 0, 1, 1, 1, 1, 0, 0.4, 40, 0, 0, 1, 1, 1,
    false)"""
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("ingest", "journey", "support", "analytics")


@pytest.fixture(scope="module")
def databases(postgres) -> dict[str, str]:
    async def make() -> dict[str, str]:
        return {name: await postgres.migrated(name, f"audited_{name}") for name in NAMES}

    return asyncio.run(make())


@pytest.fixture
async def serve(databases, tmp_path):
    """`serve(name)` gives the wired service and an admin who is watched."""
    engines, clients = [], []

    def make(name: str):
        environ = certifying(tmp_path) if name == "ingest" else {}
        environ |= {"JOURNEY_SHOP_SECRETS": f"web-shop={SHOP_SECRET}"} if name == "journey" else {}
        app, engine = wired(name, databases[name], environ=environ)
        engines.append(engine)
        watched = Witness(app, engine, **headers("admin"))
        clients.append(watched.http)
        return app, watched

    yield make
    for client in clients:
        await client.aclose()
    for engine in engines:
        await engine.dispose()


SHOP_SECRET = "whsec_" + "a" * 32


def certifying(folder) -> dict[str, str]:
    """What tells ingest of an authority for devices."""
    authority = DeviceAuthority(folder / "ca.pem", folder / "ca-key.pem").ensure(wall_now())
    return {
        "INGEST_DEVICES_CA_FILE": str(authority.ca_file),
        "INGEST_DEVICES_CA_KEY_FILE": str(authority.key_file),
    }


async def records_aside(watched: Witness) -> None:
    """What every service has: replay and discard of what was set aside."""
    odd = "/cam-1/fault#9f1c2ab37d405e68:"
    async with watched.engine.begin() as connection:
        rows = [
            Quarantined(f"{odd}{n}", "device.fault", 0, n, b"d:cam-1", b"?", [], "x", "", AT, AT)
            for n in range(3)
        ]
        rows.append(
            Quarantined(f"{odd}9", "device.usage", 0, 9, b"d:cam-1", b"?", [], "y", "", AT, AT)
        )
        await quarantine.add(connection, rows)
    one, other = f"{odd}0", f"{odd}1"
    path = {"id": quote(one, safe="")}
    replay, discard = "POST /v1/quarantine/{id}/replay", "POST /v1/quarantine/{id}/discard"
    many = "POST /v1/quarantine/replay"
    await watched.left_nothing(many, 200)  # only counts
    await watched.did(many, "quarantine.replay", "record", of=other, params={"dry_run": False})
    await watched.did(replay, "quarantine.replay", "record", of=one, path=path)
    whole = "POST /v1/quarantine/discard"
    await watched.left_nothing(whole, 200)  # only counts
    meant = {"dry_run": False, "topic": "device.usage"}
    await watched.did(whole, "quarantine.discard", "record", of=f"{odd}9", params=meant)
    await watched.did(discard, "quarantine.discard", "record", of=one, path=path)
    await watched.left_nothing(discard, 404, path=path)
    await watched.left_nothing(replay, 404, path=path)
    await watched.did(
        "GET /v1/quarantine", "quarantine.read", "record", of=other, params={"reveal": True}
    )
    await watched.left_nothing("GET /v1/quarantine", 200)
    watched.seen.discard("GET /v1/quarantine")


async def finished(watched: Witness, answer) -> None:
    """Wait for the job of an answer."""
    async with asyncio.timeout(90):
        while True:
            job = (await watched.http.get(f"/v1/jobs/{answer.json()['job']}")).json()
            if job["state"] != "running":
                assert job["state"] == "done", job
                return
            await asyncio.sleep(0.02)


async def imported(watched: Witness, route: str, table: str, *rows: tuple[str, str, str]) -> None:
    """An import leaves its own row, and one for everything that it changed."""
    before = await watched.head()
    verb, _, path = route.partition(" ")
    answer = await watched.http.request(
        verb, path, content=table, headers={"content-type": "text/csv"}
    )
    assert answer.status_code == 202, answer.text
    await finished(watched, answer)
    found = await watched.since(before)
    for row in found:
        assert (row["who"], row["address"]) == ("account:test", "203.0.113.9")
        assert row["request"] == answer.headers["x-request-id"]
    begun = (rows[0][0], "job", answer.json()["job"])
    assert {(row["action"], row["kind"], row["id"]) for row in found} == {begun, *rows[1:]}
    watched.seen.add(route)


async def ingest(watched: Witness) -> None:
    for kind in ("device", "app"):
        route = f"POST /v1/{kind}s"
        body = {"id": f"{kind}-1", "model": "m-1"}
        await watched.did(route, f"{kind}.register", kind, json=body)
        await watched.left_nothing(route, 201, json=body)  # the very same again
        await watched.left_nothing(route, 409, json={**body, "model": "m-2"})
        path = {"id": f"{kind}-1"}
        for verb, owner in (("claim", "ann"), ("move", "ben")):
            route = f"POST /v1/{kind}s/{{id}}/{verb}"
            body = {"customer": owner}
            await watched.did(route, f"{kind}.{verb}", kind, path=path, json=body)
            await watched.left_nothing(route, 200, path=path, json=body)
        await watched.left_nothing(
            f"POST /v1/{kind}s/{{id}}/claim", 409, path=path, json={"customer": "eve"}
        )
        await credentials(watched, kind)
        await watched.did(f"POST /v1/{kind}s/{{id}}/retire", f"{kind}.retire", kind, path=path)
        await watched.left_nothing(f"POST /v1/{kind}s/{{id}}/retire", 200, path=path)
        await watched.left_nothing(f"POST /v1/{kind}s/{{id}}/retire", 404, path={"id": "none"})
        await imported(
            watched,
            f"POST /v1/{kind}s/import",
            f"id,model\n{kind}-2,m-1\n{kind}-3,m-1\nNO ID,m-1\n{kind}-1,m-9\n",
            (f"{kind}.import", "", ""),
            (f"{kind}.register", kind, f"{kind}-2"),
            (f"{kind}.register", kind, f"{kind}-3"),
        )
    listed = (await watched.http.get("/v1/jobs")).json()
    job = next(each["id"] for each in listed if each["kind"] == "devices")
    many = "POST /v1/devices/import/{job}/passwords"
    two = [("device.issue", "device", f"device-{n}") for n in (2, 3)]
    before = await watched.head()
    csv = await watched.http.post(f"/v1/devices/import/{job}/passwords")
    assert [line.partition(",")[0] for line in csv.text.split()] == ["id", "device-2", "device-3"]
    found = await watched.since(before)
    assert {(row["action"], row["kind"], row["id"]) for row in found} == set(two)
    watched.seen.add(many)
    cancel = "POST /v1/devices/import/{job}/cancel"
    await watched.did(cancel, "device.import_cancel", "job", of=job, path={"job": job})
    await watched.left_nothing(cancel, 404, path={"job": "none"})
    app = {"id": "app-4", "model": "ios", "customer": "ann"}
    await watched.did("POST /v1/apps", "app.claim", "app", json=app)
    claims = [{"source": "device-2", "customer": "ann"}, {"source": "device-1", "customer": "ann"}]
    sent = {"claims": claims}
    await watched.did("POST /v1/claims", "device.claim", "device", of="device-2", json=sent)
    await watched.left_nothing("POST /v1/claims", 200, json=sent)  # one is so, one is retired
    route = "POST /v1/devices/{id}/claim-code"
    given = await watched.did(route, "device.give_code", "device", path={"id": "device-3"})
    claim = {"code": given.json()["code"], "customer": "ann"}
    used = "POST /v1/claims/code"
    await watched.did(used, "device.claim", "device", of="device-3", json=claim)
    await watched.left_nothing(used, 404, json=claim)
    await watched.left_nothing("POST /v1/apps/messages", 403, json={})
    watched.seen.add("POST /v1/apps/messages")  # journey's alone; tells apps, and keeps nothing
    given = await watched.did(route, "device.give_code", "device", path={"id": "device-3"})
    before = await watched.head()
    spent = {"code": given.json()["code"], "customer": "bea"}
    assert (await watched.http.post("/v1/claims/code", json=spent)).status_code == 409, (
        "it is Ann's"
    )
    assert [row["action"] for row in await watched.since(before)] == ["device.use_code"]


async def credentials(watched: Witness, kind: str) -> None:
    path = {"id": f"{kind}-1"}
    one = f"POST /v1/{kind}s/{{id}}/credentials"
    issued = await watched.did(one, f"{kind}.issue", kind, path=path)
    assert issued.json()["password"] not in str(await watched.since(0))
    many = f"POST /v1/{kind}s/credentials"
    sources = {"sources": [f"{kind}-1", "none"]}
    await watched.did(many, f"{kind}.issue", kind, of=f"{kind}-1", json=sources)
    csr = pki.request("x", pki.new_key()).public_bytes(pki.serialization.Encoding.PEM).decode()
    certify = f"POST /v1/{kind}s/{{id}}/certificates"
    made = await watched.did(certify, f"{kind}.certify", kind, path=path, json={"csr": csr})
    await watched.left_nothing(certify, 422, path=path, json={"csr": "none"})
    end = f"POST /v1/{kind}s/{{id}}/credentials/{{credential}}/revoke"
    of = {**path, "credential": made.json()["id"]}
    await watched.did(end, f"{kind}.revoke", kind, path=of)
    await watched.left_nothing(end, 404, path=of)
    end = f"POST /v1/{kind}s/{{id}}/credentials/revoke"
    await watched.did(end, f"{kind}.revoke", kind, path=path)
    await watched.left_nothing(end, 200, path=path)


async def journey(watched: Witness) -> None:
    route = "POST /v1/customers"
    body = {"id": "ann", "profile": {"name": "Ann Quick", "email": "ann@example.org"}}
    key = {"Idempotency-Key": "k-1"}
    await watched.did(route, "customer.create", "customer", json=body, headers=key)
    # the same request again shows the profile, and makes nothing
    await watched.did(route, "customer.read", "customer", json=body, headers=key)
    await watched.left_nothing(route, 409, json=body)
    await watched.did(route, "customer.create", "customer", json={"profile": {"name": "B"}})
    path, at = {"id": "ann"}, AT.isoformat()
    buy = "POST /v1/customers/{id}/purchases"
    bought = {"product": "cam", "at": at}
    made = await watched.did(buy, "customer.purchase", "customer", path=path, json=bought)
    await watched.left_nothing(buy, 404, path={"id": "none"}, json=bought)
    await corrected(watched, {"id": "ann", "purchase": made.json()["id"]}, bought)
    put = "PUT /v1/customers/{id}/subscription"
    plan = {"plan": "pro", "started_at": at, "renews_at": at}
    await watched.did(put, "customer.subscription", "customer", path=path, json=plan)
    await watched.did(put, "customer.read", "customer", path=path, json=plan)
    name = {"name": "Ann Quick Lima", "email": "ann.lima@example.org"}
    tell = "PUT /v1/customers/{id}/profile"
    await watched.did(tell, "customer.profile", "customer", path=path, json=name)
    await watched.did(tell, "customer.read", "customer", path=path, json=name)
    await watched.left_nothing(tell, 404, path={"id": "none"}, json=name)
    renewals = {"renewals": [{"customer": c, "at": at, "renews_at": "2027-01-01T00:00:00Z"} for c in ("ann", "eve")]}  # fmt: skip
    await watched.did("POST /v1/renewals", "customer.renew", "customer", of="ann", json=renewals)
    await watched.left_nothing("POST /v1/renewals", 200, json=renewals)
    say, term = "PUT /v1/renewals/{id}", {"term_ends": "2027-01-01T00:00:00Z", "outcome": "renewed"}
    await watched.did(say, "customer.renewal", "customer", path=path, json=term)
    await watched.left_nothing(say, 200, path=path, json=term)
    terms = (await watched.http.get("/v1/customers/ann")).json()["terms"]
    drop, why = "POST /v1/customers/{id}/terms/{term}/withdraw", {"reason": "request 9"}
    first, renewal = ({"id": "ann", "term": one["id"]} for one in terms)
    await watched.left_nothing(drop, 409, path=first, json=why)
    await watched.left_nothing(drop, 422, path=renewal, json={"reason": "Quick wrote"})
    await watched.did(drop, "customer.withdraw_term", "customer", path=renewal, json=why)
    await watched.left_nothing(drop, 404, path=renewal, json=why)
    await imported(
        watched,
        "POST /v1/customers/import",
        "id,name\ncarl,Carl\nann,Ann\n,\n",
        ("customer.import", "", ""),
        ("customer.create", "customer", "carl"),
    )
    await left_by_link(watched)
    await consented(watched)
    await tasked(watched)
    await answered(watched)
    await called(watched)
    await introduced(watched)
    await talked(watched)
    await given_away(watched)
    await suppressed(watched)
    await delivered(watched)
    await tried(watched)
    await lived(watched)
    await rehearsed(watched)
    await assigned(watched)
    await described(watched)
    contact = "GET /v1/customers/{id}/contact"
    await watched.did(contact, "contact.read", "customer", path=path)
    await watched.left_nothing(contact, 404, path={"id": "none"})
    watched.seen.discard(contact)
    forget, why = "POST /v1/customers/{id}/erasure", {"reason": "request 7"}
    await watched.left_nothing(forget, 422, path=path, json={"reason": "Quick wrote"})
    await watched.did(forget, "customer.erase", "customer", path=path, json=why)
    await watched.left_nothing(forget, 202, path=path, json=why)
    again = {"service": "support"}
    await watched.did(
        "POST /v1/erasures/tell", "erasures.tell", "service", of="support", json=again
    )
    rows = await watched.since(0)
    created = next(row for row in rows if row["action"] == "customer.create")
    assert created["after"]["profile"] == ["name", "email"]
    assert not re.search(r"Quick|example\.org|Carl\b", str(rows))


_PLAYED = """INSERT INTO play VALUES ('p', 1, 'live', now());
INSERT INTO run (id, customer, play, subject, rotation, cause, entered_at, version, state, visit,
  since, lines, control) VALUES ('r', 'ann', 'p', '', 0, 'c', now(), 1, 'active', 1, now(), 0, false);
INSERT INTO message (id, run, customer, play, step, visit, version, message, topic, purpose,
  priority, planned_at, leave_token) VALUES ('m', 'r', 'ann', 'p', 's', 1, 1, 'x', 'set-up', 'help',
  50, now(), 'token');
UPDATE message SET asks = 'why bought', until = now() + interval '1 day', answer_token = 'ask';
INSERT INTO effect (id, kind, about, payload, state, due_at, deadline_at, settled_at)
  VALUES ('e', 'message_mail', 'ann', '{}', 'unknown', now(), now(), now());
INSERT INTO task (id, run, customer, play, step, visit, team, title, says, results, state, opened_at,
  due_at, version) VALUES ('7a', 'r', 'ann', 'p', 's', 1, 'onboarding', 'Call', 'Call Ann',
  '{helped}', 'open', now(), now(), 1)"""


async def left_by_link(watched: Witness) -> None:
    """A customer without an account leaves a topic; on-call says what became of a mail."""
    async with watched.engine.begin() as connection:
        for statement in _PLAYED.split(";\n"):
            await connection.exec_driver_sql(statement)
    leave, token = "POST /leave/{token}", {"token": "token"}
    await watched.did(leave, "consent.leave", "customer", of="ann", who="customer", path=token)
    await watched.left_nothing(leave, 200, path=token)
    resolve, wish = "POST /v1/effects/{id}/resolve", {"resolution": "failed"}
    await watched.did(resolve, "effect.resolve", "effect", path={"id": "e"}, json=wish)
    await watched.left_nothing(resolve, 409, path={"id": "e"}, json=wish)
    reply, to = "POST /v1/replies", {"message": "<m@example.org>"}
    await watched.left_nothing(reply, 404, json=to)  # it has not gone out
    async with watched.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE message SET verdict = 'send'")
    await watched.did(reply, "message.reply", "message", of="m", json=to)
    await watched.left_nothing(reply, 202, json=to)


async def described(watched: Witness) -> None:
    """Products are described, one by one and by a file."""
    one, put = {"id": "cam-2"}, "PUT /v1/products/{id}"
    told = {"name": "Camera", "kind": "device", "price": 90.0}
    await watched.did(put, "product.change", "product", path=one, json=told)
    await watched.left_nothing(put, 422, path=one, json={**told, "price": -1})
    table = "id,name,kind\ncam-3,Camera,device\n"
    load, text_ = "POST /v1/products/import", {"content-type": "text/csv"}
    await watched.did(load, "product.change", "product", of="cam-3", content=table, headers=text_)
    await offered(watched)


async def offered(watched: Witness) -> None:
    """One is offered to a customer, who declines."""
    make, path = "POST /v1/customers/{id}/offers", {"id": "ann"}
    until = (wall_now() + timedelta(days=7)).isoformat()
    wish = {"kind": "promotion", "product": "cam-2", "discount": 10, "valid_until": until}
    made = await watched.did(make, "offer.make", "customer", path=path, json=wish)
    await watched.left_nothing(make, 409, path=path, json=wish)
    say, one = "POST /v1/offers/{id}/answer", {"id": made.json()["id"]}
    declined = {"answer": "declined"}
    code, wish = "POST /v1/customers/{id}/referral-code", {"product": "cam-2", "order": "1"}
    given = await watched.did(code, "customer.referral_code", "customer", path=path)
    await watched.left_nothing(code, 200, path=path)
    wish |= {"code": given.json()["code"], "customer": "carl"}
    redeem = "POST /v1/referrals/redemptions"
    await watched.did(redeem, "referral.redeem", "customer", of="carl", json=wish)
    await watched.left_nothing(redeem, 409, json=wish)
    await watched.did(say, "offer.answer", "offer", path=one, json=declined)
    await watched.left_nothing(say, 200, path=one, json=declined)


async def answered(watched: Witness) -> None:
    """A customer without an account answers a question, once."""
    ask, given = "POST /answer/{token}", {"path": {"token": "ask"}, "content": "answer=security"}
    await watched.did(ask, "answer.give", "customer", of="ann", who="customer", **given)
    await watched.left_nothing(ask, 200, **given)


_OFFERED = """INSERT INTO run (id, customer, play, subject, rotation, cause, entered_at, version, state,
  step, visit, since, lines, control) VALUES ('rc', 'ann', 'p', 'call', 0, 'c', now(), 1, 'active', 's', 1,
  now(), 0, false);
INSERT INTO call (id, run, customer, play, step, visit, team, title, says, results, confirm, length_s,
  notice_s, within_s, remind_s, again_s, token, offered_at, state, changed_at, version) VALUES ('4a', 'rc',
  'ann', 'p', 's', 1, 'helpers', 'A call', 'Call Ann', '{helped}', 'x', 900, 60, 864000, 60, 60, 'book',
  now(), 'offered', now(), 1)"""


async def called(watched: Witness) -> None:
    """A customer without an account chooses a time, another one, and then none."""
    async with watched.engine.begin() as connection:
        for statement in _OFFERED.split(";\n"):
            await connection.exec_driver_sql(statement)
    book, take_back = "POST /book/{token}", "POST /book/{token}/cancel"
    path = {"token": "book"}
    seen = await watched.http.get("/book/book")
    first, second = re.findall(r'name="at" value="([0-9]+)"', seen.text)[:2]
    ours = {"of": "4a", "who": "customer", "path": path}
    await watched.did(book, "call.book", "call", **ours, content=f"at={first}")
    await watched.left_nothing(book, 303, path=path, content=f"at={first}")
    await watched.did(book, "call.move", "call", **ours, content=f"at={second}")
    await watched.left_nothing(book, 409, path=path, content="at=0")
    move, to = "POST /v1/calls/{id}/move", datetime.fromtimestamp(int(first), UTC).isoformat()
    one, wish = {"id": "4a"}, {"starts_at": to}
    await watched.did(move, "call.move", "call", path=one, json=wish)
    await watched.left_nothing(move, 200, path=one, json=wish)
    await watched.did("POST /v1/calls/{id}/cancel", "call.cancel", "call", path=one)
    await watched.left_nothing("POST /v1/calls/{id}/cancel", 200, path=one)
    async with watched.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE call SET state = 'booked', task = 'none'")
    await watched.did(take_back, "call.cancel", "call", **ours)
    await watched.left_nothing(take_back, 200, path=path)


async def consented(watched: Witness) -> None:
    """One of us writes down what a customer wants to get."""
    put, path = (
        "PUT /v1/customers/{id}/consent/agreements/{purpose}",
        {"id": "ann", "purpose": "promotion"},
    )
    await watched.did(put, "consent.agree", "customer", path=path, json={"agreed": True})
    await watched.left_nothing(put, 200, path=path, json={"agreed": True})
    put, path = "PUT /v1/customers/{id}/consent/topics/{topic}", {"id": "ann", "topic": "offers"}
    await watched.did(put, "consent.leave", "customer", path=path, json={"wanted": False})
    await watched.left_nothing(put, 422, path=path, json={"wanted": "no"})


async def introduced(watched: Witness) -> None:
    """People of an account are added, changed, asked what they want, and removed."""
    acme = {"id": "acme", "kind": "business", "profile": {"name": "Acme"}}
    await watched.http.post("/v1/customers", json=acme)
    route, path = "POST /v1/customers/{id}/contacts", {"id": "acme"}
    told = {"name": "Eve Quick", "email": "eve@example.org", "role": "billing"}
    await watched.left_nothing(route, 409, path={"id": "ann"}, json=told)
    made = await watched.did(route, "contact.add", "customer", path=path, json=told)
    path["contact"] = made.json()["id"]
    route = "PUT /v1/customers/{id}/contacts/{contact}"
    new = {**told, "phone": "+491705550142"}
    await watched.did(route, "contact.change", "customer", path=path, json=new)
    await watched.left_nothing(route, 422, path=path, json={**new, "zone": "Mars/Base"})
    say = route + "/consent"
    await watched.did(say, "contact.consent", "customer", path=path, json={"left": ["tips"]})
    route = route.replace("PUT", "DELETE")
    await watched.did(route, "contact.remove", "customer", path=path)
    await watched.left_nothing(route, 404, path=path)


async def given_away(watched: Witness) -> None:
    """Customers get a CSM, one by one and many at once, and go back."""
    put, path = "PUT /v1/customers/{id}/csm", {"id": "ann"}
    csm = {"csm": "account:cy"}
    await watched.did(put, "portfolio.set", "customer", path=path, json=csm)
    await watched.left_nothing(put, 200, path=path, json=csm)
    over, wish = "POST /v1/portfolios/hand-over", {"from": "account:cy", "to": "account:bo"}
    made = await watched.did(over, "portfolio.hand_over", "portfolio", json=wish)
    await watched.left_nothing(over, 200, json=wish)
    back, path = "POST /v1/portfolios/hand-overs/{id}/undo", {"id": made.json()["id"]}
    await watched.did(back, "portfolio.undo", "portfolio", path=path)
    await watched.left_nothing(back, 200, path=path)


async def talked(watched: Witness) -> None:
    """Somebody talks with a customer, and does what they promised."""
    route, path = "POST /v1/customers/{id}/talks", {"id": "ann"}
    at = AT.isoformat()
    told = {"kind": "call", "at": at, "outcome": "talked", "note": "Ann Quick called"}
    await watched.left_nothing(route, 422, path=path, json={**told, "due_at": at})
    told = {**told, "next_step": "Write to her", "due_at": at}
    made = await watched.did(route, "talk.add", "customer", path=path, json=told)
    done, path = "POST /v1/talks/{id}/done", {"id": made.json()["id"]}
    await watched.did(done, "talk.done", "customer", of="ann", path=path)
    await watched.left_nothing(done, 200, path=path)


async def suppressed(watched: Witness) -> None:
    """Nothing is sent to an address any more, until it is again for a reason."""
    add, body = "POST /v1/suppressions", {"customer": "ann", "why": "complained"}
    await watched.did(add, "suppression.add", "suppression", json=body)
    await watched.left_nothing(add, 200, json=body)
    (row,) = (await watched.http.get("/v1/suppressions")).json()["items"]
    lift, address = "POST /v1/suppressions/{id}/lift", {"id": row["id"]}
    await watched.left_nothing(lift, 422, path=address, json={"reason": "no"})
    why = {"reason": "they want mails again"}
    await watched.did(lift, "suppression.lift", "suppression", path=address, json=why)


async def tried(watched: Witness) -> None:
    """A message is sent to whoever writes it."""
    name = (await watched.http.get("/v1/messages")).json()[0]["message"]
    route, path = "POST /v1/messages/{message}/tests", {"message": name}
    await watched.did(route, "message.test", "message", path=path, json={})
    await watched.left_nothing(route, 404, path={"message": "none"}, json={})
    await watched.left_nothing(route, 422, path=path, json={"account": "ann@example.org"})


async def delivered(watched: Witness) -> None:
    """A shop tells of an order; what of it cannot be done is read, put back, discarded."""
    route, shop = "POST /v1/webhooks/{shop}", {"shop": "web-shop"}

    def sent(id_: str, said: object) -> dict:
        body = json.dumps(said).encode()
        head = signed(key_of(SHOP_SECRET), id_, int(wall_now().timestamp()), body)
        return {"path": shop, "content": body, "headers": head}

    data = {"customer": {"reference": "ann"}, "at": AT.isoformat(), "lines": [{"sku": "cam"}]}
    bought = {"who": "shop:web-shop", "of": "ann"}
    order = {"type": "order.paid", "data": data}
    await watched.did(route, "customer.purchase", "customer", **bought, **sent("m-1", order))
    await watched.left_nothing(route, 200, **sent("m-1", order))
    await watched.left_nothing(route, 409, **sent("m-1", {}))
    await watched.left_nothing(route, 401, path=shop, json=order)
    later = {**order, "data": {**data, "customer": {"reference": "zoe"}}}
    kept = {"who": "shop:web-shop", "of": "web-shop/m-2"}
    await watched.did(route, "delivery.keep", "delivery", **kept, **sent("m-2", later))
    path = {"id": quote(kept["of"], safe="")}
    replay, discard = ("POST /v1/deliveries/{id}/" + verb for verb in ("replay", "discard"))
    await watched.left_nothing(replay, 404, path=path)
    read = "GET /v1/deliveries/{id}"
    await watched.did(read, "delivery.read", "delivery", of=kept["of"], path=path)
    watched.seen.discard(read)
    await watched.http.post("/v1/customers", json={"id": "zoe", "profile": {"name": "Zoe"}})
    await watched.did(replay, "delivery.replay", "delivery", of=kept["of"], path=path)
    await watched.left_nothing(replay, 404, path=path)
    await watched.did(route, "delivery.keep", "delivery", who=kept["who"], of="web-shop/m-3", **sent("m-3", {}))  # fmt: skip
    path = {"id": quote("web-shop/m-3", safe="")}
    await watched.did(discard, "delivery.discard", "delivery", of="web-shop/m-3", path=path)
    await watched.left_nothing(discard, 404, path=path)


async def lived(watched: Witness) -> None:
    """A play is written by one, approved by another, published, paused, resumed, rolled back, retired."""
    path, lead = {"play": "set-up help"}, {"headers": headers("lead", subject="account:leo")}
    text_ = Path("playbooks/home-camera/plays/set-up-help.yaml").read_text()  # noqa: ASYNC240 - a test
    draft, files = "/v1/plays/{play}/draft", {"json": {"files": {"plays/set-up-help.yaml": text_}}}
    await watched.left_nothing("POST /v1/plays/check", 200, json={"play": "x", "files": {}})
    await watched.left_nothing("POST /v1/plays/audience", 422, json={"play": "x", "files": {}})
    for looks in ("check", "audience"):  # and keeps nothing
        watched.seen.add(f"POST /v1/plays/{looks}")
    for _ in range(2):
        await watched.did(f"PUT {draft}", "draft.write", "play", path=path, **files)
        await watched.did(f"POST {draft}/ask", "draft.ask", "play", path=path)
        await watched.left_nothing(f"POST {draft}/approve", 403, path=path)
        back = {"path": path, "who": "account:leo", **lead}
        await watched.did(f"POST {draft}/return", "draft.return", "play", **back)
        await watched.did(f"POST {draft}/ask", "draft.ask", "play", path=path)
        await watched.left_nothing(f"POST {draft}/publish", 409, path=path, json={})
        await watched.did(f"POST {draft}/approve", "draft.approve", "play", **back)
        await watched.did(f"POST {draft}/publish", "play.publish", "play", path=path, json={})
    await watched.did(f"PUT {draft}", "draft.write", "play", path=path, **files)
    await watched.did(f"DELETE {draft}", "draft.drop", "play", path=path)
    await watched.left_nothing(f"DELETE {draft}", 404, path=path)
    play, why = "POST /v1/plays/{play}", {"json": {"why": "case 7"}}
    await watched.did(f"{play}/pause", "play.pause", "play", path=path, **why)
    await watched.left_nothing(f"{play}/pause", 409, path=path, **why)
    await watched.did(f"{play}/resume", "play.resume", "play", path=path)
    end = {"json": {"why": "case 8", "under_way": "end"}}
    await watched.did(f"{play}/retire", "play.retire", "play", path=path, **end)
    to = {"json": {"version": 1}}
    await watched.did(f"{play}/roll-back", "play.publish", "play", path=path, **to)
    await watched.left_nothing(f"{play}/roll-back", 404, path=path, json={"version": 9})


async def assigned(watched: Witness) -> None:
    """Somebody is given tasks of a team; a share of a play's tasks goes to another one, and back."""
    put, path = "PUT /v1/teams/{team}/members/{member}", {"team": "success", "member": "account:cy"}
    await watched.did(put, "team.member", "team", of="success", path=path, json={})
    await watched.left_nothing(put, 204, path=path, json={})
    await watched.left_nothing(put, 422, path=path, json={"skills": ["Quick"]})
    drop = "DELETE /v1/teams/{team}/members/{member}"
    await watched.did(drop, "team.member_left", "team", of="success", path=path)
    await watched.left_nothing(drop, 404, path=path)
    play, route = {"play": "set-up help"}, "POST /v1/plays/{play}/assignments"
    share = {"team": "success", "percent": 20}
    answer = await watched.did(route, "play.assign", "play", path=play, json=share)
    await watched.left_nothing(route, 200, path=play, json=share)
    await watched.left_nothing(route, 422, path=play, json={"team": "Quick"})
    end, one = f"{route}/{{id}}/end", {**play, "id": answer.json()["id"]}
    await watched.did(end, "play.unassign", "play", of="set-up help", path=one)
    await watched.left_nothing(end, 404, path=one)


async def rehearsed(watched: Witness) -> None:
    """A play is rehearsed; a rehearsal that is over may be ended, which says so once more."""
    one, begin = {"play": "set-up help"}, "POST /v1/plays/{play}/rehearsals"
    await watched.left_nothing(begin, 404, path={"play": "setup"}, json={})
    await watched.left_nothing(begin, 422, path=one, json={"history_days": 500})
    answer = await watched.did(begin, "play.rehearsed", "play", path=one, json={})
    await finished(watched, answer)
    end = "POST /v1/rehearsals/{id}/cancel"
    await watched.left_nothing(end, 404, path={"id": "7a"})
    path = {"id": answer.json()["job"]}
    await watched.did(end, "rehearsal.cancelled", "rehearsal", path=path)


async def tasked(watched: Witness) -> None:
    """A task is taken, given back, done; what people note stands nowhere else."""
    one, done = {"id": "7a"}, "POST /v1/tasks/{id}/done"
    claim, release = "POST /v1/tasks/{id}/claim", "POST /v1/tasks/{id}/release"
    await watched.left_nothing(release, 200, path=one)
    await watched.did(claim, "task.claimed", "task", path=one)
    await watched.left_nothing(claim, 200, path=one)
    await watched.did(release, "task.released", "task", path=one)
    await handed_over(watched, one)
    await watched.did(claim, "task.claimed", "task", path=one)
    reveal, why = "POST /v1/tasks/{id}/reveal", {"purpose": "call_back"}
    await watched.left_nothing(reveal, 422, path=one, json={"purpose": "Ann Quick"})
    await watched.did(reveal, "contact.read", "task", path=one, json=why)
    await watched.left_nothing(done, 422, path=one, json={"result": "sold"})
    said = {"result": "helped", "note": "Quick is well"}
    await watched.did(done, "task.done", "task", path=one, json=said)
    await watched.left_nothing(done, 409, path=one, json=said)


async def handed_over(watched: Witness, one: dict[str, str]) -> None:
    """A task is offered, taken back, declined, accepted; what people write stands nowhere else."""
    offer = "POST /v1/tasks/{id}/offer"
    said = {"summary": "Quick is angry", "next_step": "Call Ann Quick"}
    await watched.left_nothing(offer, 422, path=one, json={**said, "linkage": "may live"})
    for verb, change, body in (
        ("withdraw", "withdrawn", None),
        ("decline", "declined", {"why": "Ann Quick is ours no more"}),
        ("accept", "accepted", None),
    ):
        wish = {**said, "linkage": "may leave"}
        answer = await watched.did(offer, "task.offered", "task", path=one, json=wish)
        await watched.left_nothing(offer, 409, path=one, json=wish)
        path, route = {"id": answer.json()["id"]}, f"POST /v1/handoffs/{{id}}/{verb}"
        await watched.did(route, f"hand_off.{change}", "hand_off", path=path, json=body)
        await watched.left_nothing(route, 409, path=path, json=body)


async def corrected(watched: Witness, path: dict[str, str], bought: dict[str, str]) -> None:
    """A purchase was told wrongly, and then it never was."""
    put, why = "PUT /v1/customers/{id}/purchases/{purchase}", {"reason": "request 8"}
    other = {**bought, **why, "product": "cam-2"}
    await watched.left_nothing(put, 422, path=path, json={**other, "reason": "Quick wrote"})
    await watched.left_nothing(put, 412, path=path, json=other, headers={"If-Match": '"0"'})
    await watched.did(put, "customer.correct_purchase", "customer", path=path, json=other)
    await watched.left_nothing(put, 200, path=path, json=other)
    drop = "POST /v1/customers/{id}/purchases/{purchase}/withdraw"
    await watched.left_nothing(drop, 412, path=path, json=why, headers={"If-Match": '"0"'})
    await watched.did(drop, "customer.withdraw_purchase", "customer", path=path, json=why)
    await watched.left_nothing(drop, 404, path=path, json=why)


async def support(watched: Witness) -> None:
    async with transaction(watched.engine, "support", wall_now()) as tx:
        await SUPPORT["device.fault"](tx, records(fault()))
    ticket = (await watched.http.get("/v1/tickets")).json()["items"][0]["id"]
    path = {"ticket_id": ticket}
    async with transaction(watched.engine, "support", wall_now()) as tx:
        told = CustomerChanged(at=AT, customer="ann", version=1)
        await SUPPORT["customer.changed"](tx, records(told))
    asked = {"customer": "ann", "subject": "Ann Quick sees nothing", "text": "Quick: it is black"}
    sent = {"json": {**asked, "channel": "phone"}, "headers": {"Idempotency-Key": "open"}}
    await watched.did("POST /v1/tickets", "ticket.open", "ticket", **sent)
    await watched.left_nothing("POST /v1/tickets", 201, **sent)
    nobody = {"json": {**asked, "customer": "nobody", "channel": "phone"}}
    await watched.left_nothing("POST /v1/tickets", 422, **nobody)
    route = "POST /v1/organisations"
    new = {"id": "helpers", "name": "Helpers GmbH"}
    await watched.did(route, "organisation.create", "organisation", json=new)
    await watched.left_nothing(route, 409, json=new)
    route, one = "PATCH /v1/organisations/{id}", {"id": "helpers"}
    other = {"name": "Other"}
    await watched.did(route, "organisation.change", "organisation", path=one, json=other)
    await watched.left_nothing(route, 200, path=one, json=other)
    for verb, body in (
        ("assign", {"assignee": "team-a"}),
        ("comment", {"text": "Ann Quick was not at home"}),
        ("resolve", {"resolution": "fix", "note": "Ann Quick has a new one"}),
        ("reopen", {"note": "Ann Quick called"}),
    ):
        route = f"POST /v1/tickets/{{ticket_id}}/{verb}"
        key = {"Idempotency-Key": verb}
        sent = {"json": body, "headers": key}
        await watched.did(route, f"ticket.{verb}", "ticket", path=path, **sent)
        await watched.left_nothing(route, 200, path=path, **sent)
        await watched.left_nothing(route, 404, path={"ticket_id": "none"}, json=body)
    await watched.left_nothing(
        "POST /v1/tickets/{ticket_id}/reopen", 409, path=path, json={"note": None}
    )
    helpers = {"organisation": "helpers"}
    for verb in ("share", "unshare"):
        route = f"POST /v1/tickets/{{ticket_id}}/{verb}"
        await watched.did(route, f"ticket.{verb}", "ticket", path=path, json=helpers)
        await watched.left_nothing(route, 200, path=path, json=helpers)
        nobody = {"organisation": "nobody"}
        await watched.left_nothing(route, 404, path=path, json=nobody)
    reveal, why = "POST /v1/tickets/{ticket_id}/reveal", {"reason": "Ann Quick asked for a call"}
    contact = "GET /v1/tickets/{ticket_id}/contact"
    await watched.left_nothing(contact, 403, path=path)
    await watched.did(reveal, "contact.reveal", "ticket", path=path, json=why)
    await watched.left_nothing(contact, 503, path=path)  # there is no journey here to ask
    assert "Quick" not in str(await watched.since(0))


async def analytics(watched: Witness) -> None:
    """Somebody contacts a customer, then leaves them alone for a while."""
    async with watched.engine.begin() as connection:
        await connection.execute(text(RISK))
    path = {"customer": "ana"}
    contact, snooze = "POST /v1/risks/{customer}/contacts", "POST /v1/risks/{customer}/snooze"
    wake = "DELETE /v1/risks/{customer}/snooze"
    spoke = {"outcome": "reached", "note": "Ann Quick will stay"}
    await watched.did(contact, "risk.contact", "customer", path=path, json=spoke)
    await watched.left_nothing(contact, 404, path={"customer": "nobody"}, json=spoke)
    later = {"until": str((wall_now() + timedelta(days=9)).date()), "reason": "Ann Quick is away"}
    await watched.did(snooze, "risk.snooze", "customer", path=path, json=later)
    await watched.left_nothing(snooze, 422, path=path, json={**later, "until": "2001-01-01"})
    await watched.did(wake, "risk.wake", "customer", path=path)
    await watched.left_nothing(wake, 404, path=path)
    assert "Quick" not in str(await watched.since(0))


STORIES = {"ingest": ingest, "journey": journey, "support": support, "analytics": analytics}


@pytest.mark.parametrize("name", NAMES)
async def test_every_change_leaves_a_row_and_nothing_else_does(serve, name):
    app, watched = serve(name)
    await records_aside(watched)
    await STORIES[name](watched)
    assert watched.seen == changing(app), "routes without a story, or the other way round"
    async with watched.engine.connect() as connection:
        assert (await audit.verify(connection)).broken is None


@pytest.mark.parametrize("name", NAMES)
async def test_who_is_refused_leaves_no_row(serve, name):
    app, watched = serve(name)
    lines = Table(importlib.import_module(f"services.{name}.edges.rights").RIGHTS)
    for route in sorted(changing(app)):
        verb, _, shape = route.partition(" ")
        braces = dict.fromkeys(re.findall(r"{([^}]+)}", shape), "x")
        if lines.line(verb, shape).open:
            await watched.left_nothing(route, 404, path=braces)
            continue
        nonsense = {"path": braces, "json": {"no_such_field": 1}}
        await watched.left_nothing(route, 401, **nonsense, headers={"Authorization": ""})
        permitted = lines.line(verb, shape).roles
        stranger = next(role for role in ROLES if role not in permitted)
        org = "o-1" if stranger == "partner" else None
        await watched.left_nothing(route, 403, **nonsense, headers=headers(stranger, org=org))
        if shape.startswith("/v1/quarantine/replay"):
            continue  # takes no body
        own = () if "admin" in permitted else (403,)  # a service's alone
        await watched.left_nothing(route, 200, 404, 415, 422, *own, **nonsense)


async def test_who_holds_the_audit_up_delays_changes_by_people_and_nothing_else(serve):
    """A transaction that stands still in front of its commit: others are told to try again."""
    _, watched = serve("support")
    async with watched.engine.begin() as standing:
        await audit.record(standing, [Entry(Author("x", "person"), "a.b", "a", "1")])
        late = {"id": "late", "name": "Late"}
        changing_ = asyncio.create_task(watched.http.post("/v1/organisations", json=late))
        async with asyncio.timeout(3), transaction(watched.engine, "support", wall_now()) as tx:
            handle = SUPPORT["device.fault"]
            await handle(tx, records(fault(source="cam-77")))  # an event does not wait
        answer = await changing_
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    await watched.did("POST /v1/organisations", "organisation.create", "organisation", json=late)
