"""Bad requests at every route of every service: refused by name, nothing of them in the log.

Rows 43 to 57 of the bad-input matrix in issue 4. What is about bytes on the wire is in test_slow.py,
sign-in in tests/console, stale ETags in the routes' own tests.
"""

import base64
import json
import logging
import re
from contextlib import asynccontextmanager

import httpx
import pytest

from shared import ids
from shared.clock import wall_now
from shared.settings import SERVICES
from shared.stream.topic_health import Sample
from shared.web.who import Who
from tests.apis import described, running, wired
from tests.served import raw
from tests.signed import bearer, fresh

pytestmark = pytest.mark.servers

PLANTED = "zq-planted-7731"  # stands in every body and query here, and in no log line
ADMIN = Who("key:tests", "key", frozenset({"admin", "service"}))  # every route is for it
PROBLEM = re.compile(r"urn:playcaller:problem:[a-z_0-9]+")


class NoTopics:
    """Kafka is not what these requests are about."""

    async def sample(self, group: str | None = None, within_s: float = 0.0) -> Sample:
        return Sample(wall_now(), ())


@asynccontextmanager
async def served(name, databases):
    app, engine = wired(name, databases[name])
    app.state.topic_watch = NoTopics()
    transport = httpx.ASGITransport(app)
    signed = bearer(fresh(ADMIN))
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://x", headers=signed
        ) as http:
            yield described(name), http
    finally:
        await engine.dispose()


def operations(document, *verbs):
    """(verb, path with examples in place of parameters, operation), of those that want a token."""
    for path, found in document["paths"].items():
        for verb, each in found.items():
            if verb in verbs and "security" in each:
                yield verb.upper(), path, each


def filled(path, value="x"):
    return re.sub(r"{[^}]+}", value, path)


def parameters(operation, where):
    return [each for each in operation.get("parameters", []) if each["in"] == where]


def takes_json(operation):
    return "application/json" in operation.get("requestBody", {}).get("content", {})


def refused(answer, *statuses) -> str:
    """It was refused with one of these, as a problem; its word."""
    assert answer.status_code in statuses, f"{answer.request.url}: {answer.status_code}"
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert PROBLEM.fullmatch(body["type"])
    assert PLANTED not in json.dumps({**body, "instance": ""}), "no value comes back"
    return body["type"].rpartition(":")[2]


@pytest.fixture(autouse=True)
def _nothing_of_it_in_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    for record in caplog.get_records("call"):
        if record.name.startswith(("httpx", "httpcore", "asyncio")):
            continue  # the client's own
        said = record.getMessage() + str(record.exc_text) + repr(vars(record))
        assert PLANTED not in said, record
        assert record.levelno < logging.ERROR, said


@pytest.mark.parametrize("name", SERVICES)
async def test_no_body_may_carry_more_than_its_fields(name, databases):
    """Row 43, mass assignment: every route that takes JSON names the field that it does not know."""
    more = {"is_admin": "yes", "roles_": [PLANTED], "tenant_id": PLANTED, "id_": PLANTED}
    looked_at = 0
    async with served(name, databases) as (document, http):
        for verb, path, each in operations(document, "post", "put", "patch"):
            if not takes_json(each):
                continue
            answer = await http.request(verb, filled(path), json=more)
            if "/me/" in path:  # behind a session, which a key never has
                assert refused(answer, 403) == "session_needed"
                continue
            assert refused(answer, 422) == "invalid_request", path
            unknown = {
                e["field"] for e in answer.json()["errors"] if e["expected"] == "no such field"
            }
            assert {f"body.{field}" for field in more} <= unknown, path
            looked_at += 1
    assert looked_at or name == "analytics", "analytics takes no JSON"


FOR_ACCOUNTS = {"/v1/messages/{message}/tests"}  # refused before anything is looked up
IDS = {
    "dots": "..",
    "dots, encoded": "%2e%2e",
    "a path": "..%2f..%2fetc%2fpasswd",
    "nul": "%00",
    "nul inside": "a%00b",
    "not utf-8": "%ff%fe",
    "a line end": "a%0d%0aSet-Cookie:x=1",
    "very long": "x" * 10_000,
    "emoji": "%F0%9F%98%80",
    "right to left": "%E2%80%AEx",
    "sql": "'%20OR%201=1--",
    "template": "%7B%7B7*7%7D%7D",
    "a space": "%20",
    "wildcard": "%25",
    "proto": "__proto__",
}  # fmt: skip


@pytest.mark.parametrize("odd", IDS.values(), ids=IDS)
@pytest.mark.parametrize("name", SERVICES)
async def test_an_odd_id_in_a_path_names_nothing(name, odd, databases):
    """Row 44: nothing is found by it, and nothing breaks."""
    async with served(name, databases) as (document, http):
        for verb, path, each in operations(document, "get", "post", "put", "patch", "delete"):
            if "{" not in path:
                continue
            body = {"json": {}} if takes_json(each) else {}
            answer = await http.request(verb, filled(path, odd), **body)
            if "/me/" in path:
                refused(answer, 403, 404, 405)
            elif path in FOR_ACCOUNTS:
                refused(answer, 403, 404, 405, 422, 431)
            elif odd == ".." and answer.request.url.path in document["paths"]:
                continue  # the client has gone up to another route by itself
            elif path.startswith("/v1/personal/") and answer.status_code == 200:
                continue  # what is held of a customer nobody has heard of: nothing
            else:
                refused(answer, 404, 405, 422, 431)


ENCODINGS = {
    "as text": ({"content-type": "text/plain"}, "utf-8", {422}),
    "as a form": ({"content-type": "application/x-www-form-urlencoded"}, "utf-8", {422}),
    "as multipart": ({"content-type": "multipart/form-data; boundary=x"}, "utf-8", {422}),
    "without a type": ({}, "utf-8", {422}),
    "charset utf-16": ({"content-type": "application/json; charset=utf-16"}, "utf-16", {415}),
    "utf-16 unsaid": ({"content-type": "application/json"}, "utf-16-le", {415}),
    "utf-16 with a mark": ({"content-type": "application/json"}, "utf-16", {415}),
    "utf-32": ({"content-type": "application/json"}, "utf-32-be", {415}),
    "a mark before utf-8": ({"content-type": "application/json"}, "utf-8-sig", {415}),
    "latin-1": ({"content-type": "application/json; charset=latin-1"}, "latin-1", {415}),
}  # fmt: skip
BODIES = {
    "cut off": b'{"id": "' + PLANTED.encode(),
    "nothing": b"",
    "null": b"null",
    "an array": b"[1, 2]",
    "a number": b"1",
    "nan": b'{"id": NaN, "price": Infinity}',
    "10,000 deep": b'{"id": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "5,000 digits": b'{"id": ' + b"9" * 5_000 + b"}",
    "half a surrogate": b'{"id": "\\ud800", "name": "\\udfff", "email": "\\ud800@x.org"}',
    "not utf-8": b'{"id": "\xff\xfe"}',
    "zeros": b"\x00" * 100,
}  # fmt: skip


@pytest.mark.parametrize(("sent", "encoding", "statuses"), ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("name", SERVICES)
async def test_json_is_utf_8_and_says_so(name, sent, encoding, statuses, databases):
    """Row 46."""
    body = json.dumps({"id": PLANTED}).encode(encoding)
    async with served(name, databases) as (document, http):
        for verb, path, each in operations(document, "post", "put", "patch"):
            if takes_json(each) and "/me/" not in path:
                answer = await http.request(verb, filled(path), content=body, headers=sent)
                refused(answer, *statuses)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("name", SERVICES)
async def test_what_is_no_object_is_refused(name, body, databases):
    """No body at all is fine where all of it has a default."""
    async with served(name, databases) as (document, http):
        for verb, path, each in operations(document, "post", "put", "patch"):
            needed = each.get("requestBody", {}).get("required") or body not in {b"", b"null"}
            if takes_json(each) and needed and "/me/" not in path:
                sent = {"content-type": "application/json"}
                answer = await http.request(verb, filled(path), content=body, headers=sent)
                refused(answer, 400, 415, 422)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_body_of_10_mib_is_refused_at_every_route(name, databases):
    """Row 53; what counts as a form is no exception."""
    large = json.dumps({"id": PLANTED * 700_000}).encode()
    async with served(name, databases) as (document, http):
        for verb, path, each in operations(document, "post", "put", "patch"):
            if "requestBody" not in each or "/me/" in path:
                continue
            for kind in ("application/json", "multipart/form-data; boundary=x"):
                sent = {"content-type": kind}
                answer = await http.request(verb, filled(path), content=large, headers=sent)
                word = "not_csv" if path.endswith("/import") else "content_too_large"
                assert refused(answer, 413, 415) == word


def cursor(values) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


PLACES = {
    "empty": [],
    "a number": [1],
    "null": [None],
    "true": [True],
    "three": ["a", "b", "c"],
    "nested": [["a"], {"b": 1}],
    "an object": {"a": 1},
    "nul": ["\x00"],
    "nul after a time": ["2026-03-01T00:00:00Z", "a\x00"],
    "nul after a number": [0.5, "\x00"],
    "a huge number": [10**400, "a"],
    "beyond bigint": [2**63],
    "negative": [-1],
    "a naive time": ["2026-03-01T00:00:00", "a"],
    "before the calendar": ["0001-01-01T00:00:00+14:00", "a"],
    "after the calendar": ["9999-12-31T23:59:59-14:00", "a"],
    "half a surrogate": ["\ud800"],
    "a hash that is none": [1, "zz"],
    "another table's": ["2026-03-01T00:00:00Z", "a"],
}  # fmt: skip
TEXTS = {
    "no base64": "%%%",
    "empty": "",
    "no json": "AAAA",
    "not ascii": "\u00e9",
    "long": "A" * 1_025,
}


@pytest.mark.parametrize(
    "after", [*map(cursor, PLACES.values()), *TEXTS.values()], ids=[*PLACES, *TEXTS]
)
@pytest.mark.parametrize("name", SERVICES)
async def test_a_forged_cursor_is_400_or_an_honest_page(name, after, databases):
    """Row 50. A cursor is no secret: one of the right form is a place, wherever it came from."""
    looked_at = 0
    async with served(name, databases) as (document, http):
        for _, path, each in operations(document, "get"):
            if "after" not in {p["name"] for p in parameters(each, "query")}:
                continue
            answer = await http.get(filled(path, "x"), params={"after": after})
            looked_at += 1
            if answer.status_code != 200:
                assert refused(answer, 400, 404, 422) in {
                    "bad_cursor", "invalid_request", "ticket_not_found", "customer_not_found",
                    "unknown_play",
                }  # fmt: skip
    assert looked_at


@pytest.mark.parametrize(
    "limit", ["-1", "0", "201", "1000000000", "9" * 100, "1.5", "x", "", "1e2"]
)
@pytest.mark.parametrize("name", SERVICES)
async def test_a_page_has_1_to_200_items(name, limit, databases):
    """Row 50."""
    looked_at = 0
    async with served(name, databases) as (document, http):
        for _, path, each in operations(document, "get"):
            if "limit" in {p["name"] for p in parameters(each, "query")}:
                answer = await http.get(filled(path), params={"limit": limit})
                assert refused(answer, 422) == "invalid_request"
                looked_at += 1
    assert looked_at


async def test_wildcards_are_letters_like_others(databases):
    """Row 57: a filter compares; `%` finds nothing but `%`."""
    async with served("ingest", databases) as (_, http):
        made = {"id": "cam-like", "model": "m", "battery": False}
        assert (await http.post("/v1/devices", json=made)).status_code == 201
        await http.post("/v1/devices/cam-like/claim", json={"customer": "c-like"})
        assert (await http.get("/v1/devices?customer=c-like")).json()["items"]
        for odd in ("%25", "_", "c%25", "c-lik_", "%25_%25", "*", ".*"):
            assert (await http.get(f"/v1/devices?customer={odd}")).json()["items"] == []


@pytest.mark.parametrize("name", SERVICES)
async def test_long_and_odd_filters_find_nothing_and_break_nothing(name, databases):
    """Row 57."""
    odd = ("%", "_", "%_%", "'; DROP TABLE x--", "\\", "\u202e", "a\nb", "=cmd()", PLANTED)
    async with served(name, databases) as (document, http):
        for _, path, each in operations(document, "get"):
            for parameter in parameters(each, "query"):
                if "string" not in json.dumps(parameter["schema"]):
                    continue
                url, field = filled(path), parameter["name"]
                for value in odd:
                    answer = await http.get(url, params={field: value})
                    if answer.status_code == 200:
                        found = answer.json() if "json" in answer.headers["content-type"] else {}
                        assert not (isinstance(found, dict) and found.get("items")), (
                            f"{url} {field}"
                        )
                    else:
                        refused(answer, 400, 403, 404, 422)
                zero = await http.get(url, params={field: "a\x00b"})
                if zero.status_code != 200:  # where nothing is looked up in the database by it
                    refused(zero, 400, 403, 404, 422)
                long = await http.get(url, params={field: PLANTED * 4_000})
                assert refused(long, 431) == "head_too_large"


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("journey", "/v1/customers", {"profile": {"name": PLANTED}}),
        ("journey", "/v1/renewals", {"renewals": [{"customer": "c", "at": "2026-01-01T00:00:00Z", "renews_at": "2027-01-01T00:00:00Z"}]}),
        ("support", "/v1/organisations", {"id": "{n}", "name": PLANTED}),
    ],
)  # fmt: skip
async def test_a_key_belongs_to_one_body(name, path, body, databases):
    """Row 47."""
    key = {"Idempotency-Key": f"{PLANTED}-{ids.random_id()}"}
    body = json.loads(json.dumps(body).replace("{n}", f"o-{ids.random_hex(32)}"))
    async with served(name, databases) as (_, http):
        first = await http.post(path, json=body, headers=key)
        again = await http.post(path, json=body, headers=key)
        other = await http.post(path, content=json.dumps(body).encode() + b" ", headers={
            **key, "content-type": "application/json",
        })  # fmt: skip
    assert first.status_code < 300
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert refused(other, 409) == "idempotency_key_reused"


async def test_a_uuid_has_one_form(databases):
    """Row 45: what is kept under a UUID is found by its one form only."""
    async with served("journey", databases) as (_, http):
        made = await http.post("/v1/customers", json={"profile": {"name": "Ann"}})
        id_ = made.json()["id"]
        assert (await http.get(f"/v1/customers/{id_}")).status_code == 200
        for odd in (
            id_.upper(),
            f"urn:uuid:{id_}",
            f"%7B{id_}%7D",
            id_.replace("-", ""),
            f"{id_}%20",
        ):
            refused(await http.get(f"/v1/customers/{odd}"), 404, 422)


ADDRESSES = {
    "a header": "ann@example.org\r\nBcc: eve@example.org",
    "a line end": "ann@example.org\nx",  # at the end it is a blank, and taken off (case 46)
    "two at": "ann@eve@example.org",
    "other letters": "ann@ex\u00e4mple.org",
    "long": f"{'a' * 400}@example.org",
    "no domain": "ann@",
    "two people": "ann@example.org,eve@example.org",
    "a name": "Ann <ann@example.org>",
    "nul": "ann\x00@example.org",
    "quoted": '"ann eve"@example.org',
}  # fmt: skip


@pytest.mark.parametrize("email", ADDRESSES.values(), ids=ADDRESSES)
async def test_an_address_that_could_end_in_a_header_is_refused(email, databases):
    """Row 56."""
    async with served("console", databases) as (_, http):
        wish = {"email": email, "name": "Ann", "roles": ["agent"]}
        assert refused(await http.post("/v1/accounts", json=wish), 422) == "invalid_request"
        refused(await http.post("/v1/login", json={"email": email, "password": PLANTED}), 401, 422)
        # answers the same for every address, whatever it is
        asked = await http.post("/v1/password-resets", json={"email": email})
        assert asked.status_code in {202, 422}


async def test_an_address_of_a_customer_has_no_line_end(databases):
    """Row 56, at journey: other letters are taken there, no mail header is made of them."""
    async with served("journey", databases) as (_, http):
        for kind in ("a header", "a line end", "two at", "long", "no domain", "nul"):
            wish = {"profile": {"name": "Ann", "email": ADDRESSES[kind]}}
            assert refused(await http.post("/v1/customers", json=wish), 422) == "invalid_request"


@pytest.mark.parametrize("name", SERVICES)
async def test_a_host_that_somebody_sent_is_repeated_nowhere(name, databases):
    """Row 55."""
    spoofed = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
    }
    async with served(name, databases) as (document, http):
        pages = ["/docs", "/docs/", "/openapi.json", "/livez/", "/v1/nowhere", "//evil.example/"]
        pages += [f"{filled(path)}/" for _, path, _ in operations(document, "get")]
        for path in pages:
            answer = await http.get(
                httpx.URL("http://x").copy_with(raw_path=path.encode()), headers=spoofed
            )
            assert not answer.is_redirect, path
            assert "evil.example" not in str(answer.headers), path
            assert "evil.example" not in answer.text.replace('"//evil.example/"', ""), path


async def test_ten_thousand_ranges_cost_no_more_than_the_file(databases):
    """Row 51."""
    async with served("support", databases) as (_, http):
        whole = await http.get("/docs/swagger-ui-bundle.js")
        many = ",".join(f"{n}-{n + 1}" for n in range(0, 4_000, 3))
        some = await http.get("/docs/swagger-ui-bundle.js", headers={"Range": f"bytes={many}"})
        assert some.status_code in {200, 206, 416}
        assert len(some.content) <= 1.1 * len(whole.content)
        more = ",".join(f"{n}-{n + 1}" for n in range(0, 30_000, 3))
        refused(await http.get("/docs/start.js", headers={"Range": f"bytes={more}"}), 431)


def wire(path: str, *lines: str) -> bytes:
    token = f"Authorization: {bearer(fresh(ADMIN))['Authorization']}"
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", token, *lines, "", ""]).encode()


CHUNKS = ("Transfer-Encoding: chunked", "Content-Type: application/json")
WIRE = {
    "a header of 64 KiB": (lambda path: wire(path, f"X-A: {'x' * 65_536}"), 431),
    "1,000 headers": (lambda path: wire(path, *["X-A: b"] * 1_000), 431),
    "length and chunks": (lambda path: wire(path, "Content-Length: 3", *CHUNKS) + b"0\r\n\r\n", 400),
    "a bad chunk": (lambda path: wire(path, *CHUNKS) + b"zz\r\n{}\r\n0\r\n\r\n", 400),
    "10 MiB announced": (lambda path: wire(path, "Content-Length: 10485760", "Connection: close"), 413),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
async def test_on_the_wire_there_is_one_answer_and_the_end(name, databases, caplog):
    """Rows 52 and 53, on a real server; what else can be wrong with bytes is in test_slow.py."""
    paths = [
        p for v, p, o in operations(described(name), "post") if "{" not in p and "/me/" not in p
    ]
    async with running(name, databases[name]) as (_, port):
        for make, status in WIRE.values():
            for path in paths:
                said = await raw(port, make(path) + wire(path))
                head, _, body = said.partition(b"\r\n\r\n")
                if status == 413 and not takes_a_body(name, path):
                    continue  # nobody reads it: what is announced costs nothing
                assert head.startswith(b"HTTP/1.1 %d " % status), f"{path}: {head[:60]!r}"
                assert said.count(b"HTTP/1.1 ") == 1, "what is smuggled behind is not answered"
                assert PROBLEM.fullmatch(json.loads(body)["type"])


def takes_a_body(name: str, path: str) -> bool:
    return "requestBody" in described(name)["paths"][path]["post"]
