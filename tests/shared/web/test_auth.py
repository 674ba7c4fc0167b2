"""Nobody in who does not belong: forged tokens, roles, routes without a line, rotated keys."""

import base64
import hmac
import json
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, Request
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from shared import metrics
from shared.clock import WallClock, wall_now
from shared.errors import BadSettings
from shared.web.app import create_app
from shared.web.guards import auth, token
from shared.web.guards.auth import Access, Caller, Keys, Seen, by_token
from shared.web.guards.rights import Right, Table, all_of, masked, numbers
from tests.signed import KEY, access, bearer, headers, keys_file, who

RIGHTS = (
    Right("GET", "/v1/things", all_of("agent") | masked("oncall") | numbers("product")),
    Right("POST", "/v1/things", all_of("admin")),
    Right("GET", "/v1/door", {}, open=True, why="a test"),
    Right("GET", "/v1/shared", all_of("agent") | {"partner": "shared"}),
)


async def ready() -> dict[str, str]:
    return {}


def app(given: Access | None = None):
    router = APIRouter()

    @router.get("/v1/things")
    async def things(caller: Caller, sees: Seen) -> dict[str, str]:
        return {"subject": caller.subject, "sees": sees, "address": caller.address}

    @router.post("/v1/things")
    async def make(request: Request) -> int:
        return len(await request.body())

    @router.get("/v1/door")
    async def door() -> str:
        return "open"

    @router.get("/v1/shared")
    async def shared(caller: Caller, sees: Seen) -> list[str | None]:
        return [caller.organisation, sees]

    @router.get("/v1/forgotten")
    async def forgotten() -> str:
        return "nobody wrote a line for this"

    given = given or access(*RIGHTS)
    return create_app("x", [router], clock=WallClock(), access=given, ready=ready)


def client(given: Access | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app(given)), base_url="http://x")


CLAIMS = {
    "iss": token.ISSUER, "aud": token.AUDIENCE, "sub": "account:eve", "kind": "person",
    "roles": ["agent"], "org": None, "scopes": None, "jti": "t",
}  # fmt: skip


def forged(key=KEY, header=None, **changed) -> str:
    now = int(wall_now().timestamp())
    claims = {**CLAIMS, "iat": now, "nbf": now, "exp": now + 300, **changed}
    claims = {name: value for name, value in claims.items() if value != "-"}
    head = {"alg": "ES256", "typ": "at+jwt", "kid": "tests", **(header or {})}
    return jwt.encode(head, claims, key, algorithms=[head["alg"]])


def without_signature() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt","kid":"tests"}').rstrip(b"=")
    return f"{head.decode()}.{forged().split('.')[1]}."


def with_the_public_key_as_secret() -> str:
    """By hand: the library refuses to make such a one."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"at+jwt","kid":"tests"}').rstrip(b"=")
    signed = f"{head.decode()}.{forged().split('.')[1]}"
    mac = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def at(seconds: int) -> int:
    """A moment from the test's own beginning: the module is loaded long before it."""
    return int(wall_now().timestamp()) + seconds


STRANGER = token.new_key("tests")
FORGED = {
    "expired": lambda: forged(iat=at(-900), nbf=at(-900), exp=at(-600)),
    "not yet": lambda: forged(nbf=at(600)),
    "alg none": without_signature,
    "HS256 with the public key": with_the_public_key_as_secret,
    "RS256 of somebody": lambda: forged(RSAKey.generate_key(2048), {"alg": "RS256"}),
    "another's key under our kid": lambda: forged(STRANGER),
    "wrong aud": lambda: forged(aud="another"),
    "wrong iss": lambda: forged(iss="https://evil.example"),
    "no exp": lambda: forged(exp="-"),
    "no jti": lambda: forged(jti="-"),
    "lives for a day": lambda: forged(exp=at(86_400)),
    "kid is a path": lambda: forged(STRANGER, {"kid": "../../x"}),
    "jku": lambda: forged(STRANGER, {"jku": "https://evil.example/keys", "kid": "evil"}),
    "jwk in the header": lambda: forged(STRANGER, {"jwk": STRANGER.as_dict(private=False)}),
    "an ID token": lambda: forged(header={"typ": "JWT"}),
    "unknown role": lambda: forged(roles=["root"]),
    "roles as text": lambda: forged(roles="admin"),
    "unknown kind": lambda: forged(kind="god"),
    "partner without organisation": lambda: forged(roles=["partner"]),
    "organisation without partner": lambda: forged(org="o-1"),
    "scopes as a number": lambda: forged(scopes=[1]),
    "subject empty": lambda: forged(sub=""),
    "tampered": lambda: forged()[:-4] + "AAAA",
    "long": lambda: forged(sub="x" * 5_000),
    "no token at all": lambda: "hello",
    "empty parts": lambda: "..",
}  # fmt: skip


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED)
async def test_a_forged_token_is_401(make):
    async with client() as http:
        answer = await http.get("/v1/things", headers={"Authorization": f"Bearer {make()}"})
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:playcaller:problem:bad_token"
        assert answer.headers["www-authenticate"] == "Bearer"
        good = await http.get("/v1/things", headers={"Authorization": f"Bearer {forged()}"})
        assert good.status_code == 200, "the unchanged one is taken"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        pytest.param(None, "not_signed_in", id="nothing"),
        pytest.param("Basic YTpi", "not_a_bearer", id="another scheme"),
        pytest.param("Bearer", "not_a_bearer", id="no token"),
    ],
)
async def test_without_a_token_every_path_looks_the_same(given, kind):
    sent = {} if given is None else {"Authorization": given}
    async with client() as http:
        for path in ("/v1/things", "/v1/forgotten", "/v1/there-is-no-such-route"):
            answer = await http.get(path, headers=sent)
            assert (answer.status_code, answer.json()["type"]) == (
                401, f"urn:playcaller:problem:{kind}",
            )  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "status", "sees"),
    [
        pytest.param(("agent",), 200, "all", id="agent"),
        pytest.param(("oncall",), 200, "masked", id="on call"),
        pytest.param(("product", "oncall"), 200, "masked", id="the most of several roles"),
        pytest.param(("product",), 200, "aggregates", id="product"),
        pytest.param(("marketing",), 403, None, id="not in the line"),
        pytest.param((), 403, None, id="no role"),
    ],
)
async def test_a_role_sees_what_its_line_says(roles, status, sees):
    async with client() as http:
        answer = await http.get("/v1/things", headers=headers(*roles))
    assert answer.status_code == status
    if sees is not None:
        told = answer.json()
        assert (told["sees"], told["subject"]) == (sees, "account:test")
        assert told["address"], "the audit wants it"


async def test_a_partner_never_sees_more_than_its_line_even_with_other_roles():
    async with client() as http:
        both = headers("partner", "agent", org="o-1")
        assert (await http.get("/v1/shared", headers=both)).json() == ["o-1", "shared"]
        assert (await http.get("/v1/things", headers=both)).status_code == 403


async def test_a_route_without_a_line_is_for_nobody():
    async with client() as http:
        for role in ("admin", "oncall", "service"):
            answer = await http.get("/v1/forgotten", headers=headers(role))
            assert answer.status_code == 403


async def test_open_doors_are_open_and_only_they():
    async with client() as http:
        for path in ("/v1/door", "/livez", "/readyz", "/metrics", "/docs", "/openapi.json"):
            assert (await http.get(path)).status_code == 200, path
        assert (await http.post("/v1/door")).status_code == 401
        for path in ("/v1/door/", "/docsx", "/v1/doors", "/openapi.json/x"):
            found = await http.get(path)
            assert found.status_code in (401, 404), path


async def test_a_key_is_confined_to_its_scopes():
    scoped = bearer(who("admin", "agent", scopes=["GET /v1/things"]))
    async with client() as http:
        assert (await http.get("/v1/things", headers=scoped)).status_code == 200
        assert (await http.post("/v1/things", headers=scoped)).status_code == 403
        assert (await http.get("/v1/shared", headers=scoped)).status_code == 403


async def test_a_stranger_is_refused_before_the_body_is_read():
    read = 0

    async def endless():
        nonlocal read
        for _ in range(1_000):
            read += 1
            yield b"x" * 1_000

    async with client() as http:
        assert (await http.post("/v1/things", content=endless())).status_code == 401
    # httpx's in-process transport hands over the first piece by itself
    assert read <= 1_000
    before = metrics.REFUSED.labels("not_signed_in")._value.get()
    async with client() as http:
        await http.post("/v1/things", content=b"{")
    assert metrics.REFUSED.labels("not_signed_in")._value.get() == before + 1


async def test_a_withdrawn_key_is_worthless_within_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr(auth, "LOOK_S", 0.0)
    path, old, new = tmp_path / "keys.json", token.new_key("old"), token.new_key("new")
    path.write_text(token.public_set(old))
    given = Access(by_token(Keys(path)), Table(RIGHTS))
    agent = who("agent")
    async with client(given) as http:

        async def status(key: ECKey) -> int:
            return (await http.get("/v1/things", headers=bearer(agent, key=key))).status_code

        assert (await status(old), await status(new)) == (200, 401)
        path.write_text(token.public_set(old, new))
        assert (await status(old), await status(new)) == (200, 200)
        path.write_text(token.public_set(new))
        assert (await status(old), await status(new)) == (401, 200)
        path.write_text("half a docum")
        assert await status(new) == 200, "the last keys stay when the file is broken"


async def test_a_token_that_was_known_still_expires():
    keys, issued = Keys(keys_file()), wall_now() - timedelta(minutes=4)
    text = bearer(who("agent"), now=issued)["Authorization"].removeprefix("Bearer ")
    assert keys.who(text, wall_now()).subject == "account:test"
    with pytest.raises(token.Forged):
        keys.who(text, wall_now() + timedelta(minutes=2))


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "aa"}]}'])  # fmt: skip
def test_a_key_file_that_is_none_stops_the_start(tmp_path, content):
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadSettings, match="AUTH_KEYS_FILE"):
        Keys(path)


def test_the_public_document_holds_no_private_part():
    (shown,) = json.loads(token.public_set(KEY))["keys"]
    assert set(shown) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
