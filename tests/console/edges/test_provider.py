"""Sign in by OpenID Connect: whom we invited, with every way to forge a token refused."""

import hmac
import json

import pytest
from joserfc import jws

from services.console.settings import Settings
from shared.errors import BadSettings
from shared.settings import load
from tests.console.conftest import ENVIRON, URL, kind
from tests.console.edges.provider_signer import CLIENT, SECRET, Provider, b64, curve_key, other_rsa

pytestmark = pytest.mark.servers

COOKIE = "__Host-playcaller"
METHODS = "token_endpoint_auth_methods_supported"
OF_K1 = {"kid": "k1", "use": "sig"}  # the name of the provider's own key
FOREIGN = (
    {"kty": "EC", "crv": "brainpoolP256r1", "x": "AAAA", "y": "AAAA", "kid": "bp"},
    {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", **OF_K1},
    {"kty": "EC", "crv": "secp256k1", **OF_K1},
    {"kty": "EC", "crv": 5, "x": None, "y": {}, **OF_K1},
    {"kty": "OKP", "crv": "Ed448", "x": "AA", **OF_K1},
    {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", **OF_K1},
    {"kty": "oct", "k": "AAAA", "alg": "HS256", **OF_K1},
    {"kty": "RSA", "n": "AQAB", "e": "AQAB", **OF_K1},
    {"kty": "RSA", "n": 5, "e": [], **OF_K1},
    {"kty": "RSA", "n": "!!", "e": "ÄÖ", **OF_K1},
    {"kty": "RSA", "n": "A" * 100_000, "e": "AQAB", **OF_K1},
    {"kty": "RSA", **OF_K1},
    {"kty": ["RSA"], **OF_K1},
    {"kid": {"k1": 1}, "kty": "RSA"},
    {},
    None,
    "k1",
    7,
    [[]],
)


@pytest.fixture
async def provider():
    made = await Provider().start()
    yield made
    await made.stop()


@pytest.fixture
async def console(make_console, provider):
    made = make_console(
        CONSOLE_OIDC_ISSUER=provider.issuer,
        CONSOLE_OIDC_CLIENT_ID=CLIENT,
        CONSOLE_OIDC_CLIENT_SECRET=SECRET,
    )
    yield made
    await made.close()


async def come_back(browser, provider):
    sent = await browser.get("/v1/provider/sign-in")
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(f"{provider.issuer}/authorize?")
    return await browser.get(
        "/v1/provider/callback", params=provider.authorize(sent.headers["location"])
    )


async def sessions(console):
    return len(await console.sql("SELECT 1 FROM session"))


async def test_who_was_invited_is_signed_in_and_known_by_subject_from_then_on(console, provider):
    await console.person("agent")
    browser = console.browser()
    answer = await come_back(browser, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{URL}/")
    me = (await browser.get("/v1/session")).json()
    assert me["account"]["email"] == "ann@example.org"
    provider.claims = {"sub": "7"}  # no address any more: the subject is enough
    assert (await come_back(console.browser(), provider)).status_code == 303
    assert await sessions(console) == 2


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "8"},
        {"sub": "8", "email": "nobody@example.org", "email_verified": True},
        {"sub": "8", "email": "ann@example.org"},
        {"sub": "8", "email": "ann@example.org", "email_verified": False},
        {"sub": "8", "email": "ann@example.org", "email_verified": "true"},
        {"sub": "", "email": "ann@example.org", "email_verified": True},
        {"sub": "8", "email": "ann@exämple.org", "email_verified": True},
        {"sub": "8", "email": "ann@example.or\uff47", "email_verified": True},
        {"sub": "8", "email": "ann@e\u212aample.org", "email_verified": True},
    ],
)
async def test_whom_nobody_invited_gets_no_session(console, provider, claims):
    await console.person("agent")
    provider.claims = claims
    answer = await come_back(console.browser(), provider)
    assert answer.status_code == 401
    assert await sessions(console) == 0


async def test_another_subject_cannot_take_over_an_account_by_its_address(console, provider):
    await console.person("agent")
    await come_back(console.browser(), provider)
    provider.claims = {**provider.claims, "sub": "666"}
    assert (await come_back(console.browser(), provider)).status_code == 401
    assert await sessions(console) == 1


async def test_who_is_deactivated_stays_out(console, provider):
    await console.person("agent")
    await come_back(console.browser(), provider)
    await console.sql("UPDATE account SET state = 'deactivated'")
    assert (await come_back(console.browser(), provider)).status_code == 401


def without(*names):
    return lambda p, claims: p.sign({k: v for k, v in claims.items() if k not in names})


def instead(**values):
    return lambda p, claims: p.sign({**claims, **values})


def unsigned(alg):
    def forge(_p, claims):
        head = b64(json.dumps({"alg": alg, "kid": "k1"}).encode())
        return f"{head}.{b64(json.dumps(claims).encode())}."

    return forge


def by_public_key(p, claims):
    """HS256 with the provider's public key as the shared secret; by hand, libraries refuse it."""
    head = b64(json.dumps({"alg": "HS256", "kid": "k1"}).encode())
    signed = f"{head}.{b64(json.dumps(claims).encode())}"
    made = hmac.digest(p.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{b64(made)}"


def another_signature(p, claims):
    head, body, _ = p.sign(claims).split(".")
    return f"{head}.{body}.{p.sign({**claims, 'sub': 'x'}).split('.')[2]}"


def own_keys(p, claims, **header):
    return p.sign(claims, header, other_rsa())


FORGED = {
    "none": lambda _p, _c: None,
    "not a token": lambda _p, _c: "x",
    "three dots": lambda _p, _c: "...",
    "expired": instead(iat=1_700_000_000, exp=1_700_000_300),
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg RS256 without signature": unsigned("RS256"),
    "HS256 with the public key": by_public_key,
    "ES256 with another key": lambda p, c: p.sign(c, {"alg": "ES256"}, curve_key()),
    "another client's": instead(aud="another-client"),
    "several clients'": lambda p, c: p.sign({**c, "aud": [CLIENT, "another-client"]}),
    "no aud": without("aud"),
    "another issuer's": instead(iss="https://login.evil.example"),
    "no iss": without("iss"),
    "no exp": without("exp"),
    "exp as text": instead(exp="tomorrow"),
    "no sub": without("sub"),
    "no nonce": without("nonce"),
    "another nonce": instead(nonce="another"),
    "issued in the future": instead(iat=4_000_000_000, exp=4_000_000_300),
    "kid of a file": lambda p, c: p.sign(c, {"kid": "../../x"}, other_rsa()),
    "kid of a file, right key": lambda p, c: p.sign(c, {"kid": "../../x"}),
    "jku": lambda p, c: own_keys(p, c, jku="https://evil.example/keys"),
    "x5u": lambda p, c: own_keys(p, c, x5u="https://evil.example/keys"),
    "another key of the same name": lambda p, c: p.sign(c, None, other_rsa()),
    "another signature": another_signature,
    "huge": instead(more="x" * 20_000),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_forged_token_gives_no_session(console, provider, forge):
    await console.person("agent")
    provider.forge = forge
    browser = console.browser()
    answer = await come_back(browser, provider)
    assert answer.status_code == 401, answer.text
    assert kind(answer) == "provider_refused"
    assert await sessions(console) == 0
    assert COOKIE not in browser.cookies
    assert all(path.startswith(("/.well-known", "/keys", "/token")) for path in provider.asked)


async def test_a_jwk_in_the_header_is_not_looked_at(console, provider):
    await console.person("agent")
    own = other_rsa()
    provider.forge = lambda p, c: p.sign(c, {"jwk": own.as_dict(private=False)}, own)
    assert (await come_back(console.browser(), provider)).status_code == 401


async def test_the_state_belongs_to_one_browser_and_is_good_once(console, provider):
    await console.person("agent")
    mine, other = console.browser(), console.browser()
    sent = await mine.get("/v1/provider/sign-in")
    back = provider.authorize(sent.headers["location"])
    assert (await other.get("/v1/provider/callback", params=back)).status_code == 401
    state = mine.cookies[f"{COOKIE}-provider"]
    assert (await mine.get("/v1/provider/callback", params=back)).status_code == 303
    mine.cookies.set(f"{COOKIE}-provider", state, domain="127.0.0.1", path="/")
    assert (await mine.get("/v1/provider/callback", params=back)).status_code == 401
    for params in ({}, {"code": "x"}, {"state": state}, {"error": "access_denied", "state": state}):
        assert (await mine.get("/v1/provider/callback", params=params)).status_code == 401


async def test_a_code_of_another_attempt_fails_at_the_verifier(console, provider):
    await console.person("agent")
    thief, victim = console.browser(), console.browser()
    stolen = provider.authorize((await victim.get("/v1/provider/sign-in")).headers["location"])
    own = provider.authorize((await thief.get("/v1/provider/sign-in")).headers["location"])
    answer = await thief.get(
        "/v1/provider/callback", params={"code": stolen["code"], "state": own["state"]}
    )
    assert answer.status_code == 401


async def test_our_second_factor_is_asked_for_too(console, provider):
    await console.person("agent", factor="JBSWY3DPEHPK3PXP")
    browser = console.browser()
    back = await come_back(browser, provider)
    assert (back.status_code, back.headers["location"]) == (303, f"{URL}/sign-in/code")
    assert f"{COOKIE}-half" in browser.cookies
    assert await sessions(console) == 0


async def test_roles_come_from_our_table_and_only_where_the_account_may_have_them(
    make_console, provider
):
    console = make_console(
        CONSOLE_OIDC_ISSUER=provider.issuer,
        CONSOLE_OIDC_CLIENT_ID=CLIENT,
        CONSOLE_OIDC_CLIENT_SECRET=SECRET,
        CONSOLE_OIDC_ROLES_CLAIM="groups",
    )
    admin = await console.signed_in("admin", email="eve@example.org")
    table = {"roles": {"desk": "agent", "heads": "lead", "outside": "partner"}}
    assert (await admin.put("/v1/provider/roles", json=table)).status_code == 200
    assert (await admin.get("/v1/provider/roles")).json() == table
    bad = await admin.put("/v1/provider/roles", json={"roles": {"x": "service"}})
    assert bad.status_code == 422
    await console.person("csm")
    for groups, roles in (
        (["desk", "heads", "unknown"], ["agent", "lead"]),
        ("heads", ["lead"]),
        ([], None),
        (["unknown"], None),
        (["outside"], None),  # the account names no organisation
        ({"desk": 1}, None),
    ):
        provider.claims = {**provider.claims, "groups": groups}
        browser = console.browser()
        answer = await come_back(browser, provider)
        assert answer.status_code == (401 if roles is None else 303), groups
        if roles is not None:
            assert (await browser.get("/v1/session")).json()["account"]["roles"] == roles
    await console.close()


async def test_new_keys_of_the_provider_are_fetched_when_a_token_names_them(console, provider):
    await console.person("agent")
    await come_back(console.browser(), provider)
    console.app.state.openid._asked -= 61
    provider.key = type(provider.key).generate_key(2048, {"kid": "k2", "alg": "RS256"})
    provider.forge = lambda p, c: p.sign(c, {"kid": "k2"})
    assert (await come_back(console.browser(), provider)).status_code == 303


@pytest.mark.parametrize("where", ["before", "after", "alone"])
async def test_a_foreign_key_never_spoils_the_set(console, provider, where):
    await console.person("agent")
    own = [] if where == "alone" else [provider.key.as_dict(private=False)]
    provider.published = {"keys": [*FOREIGN, *own] if where == "before" else [*own, *FOREIGN]}
    status = 401 if where == "alone" else 303
    assert (await come_back(console.browser(), provider)).status_code == status


async def test_a_key_is_good_whatever_else_its_entry_says(console, provider):
    await console.person("agent")
    own = provider.key.as_dict(private=False)
    strange = {"key_ops": 7, "x5c": "!", "x5t": None, "x5u": [], "ext": "yes", "iat": 5}
    provider.published = {"keys": [{**own, **strange}], "more": {"keys": []}}
    assert (await come_back(console.browser(), provider)).status_code == 303


async def test_the_only_keys_name_is_not_needed(console, provider):
    await console.person("agent")
    own = provider.key.as_dict(private=False)
    provider.published = {
        "keys": [*FOREIGN, {n: v for n, v in own.items() if n not in {"kid", "alg", "use"}}]
    }
    provider.forge = lambda p, c: jws.serialize_compact(
        {"alg": "RS256"}, json.dumps(c).encode(), p.key
    )
    assert (await come_back(console.browser(), provider)).status_code == 303


@pytest.mark.parametrize(
    ("says", "takes", "status"),
    [
        ({}, "client_secret_basic", 303),
        ({METHODS: None}, "client_secret_basic", 303),
        ({METHODS: ["client_secret_basic"]}, "client_secret_basic", 303),
        ({METHODS: ["client_secret_post"]}, "client_secret_post", 303),
        ({METHODS: ["private_key_jwt", "client_secret_post"]}, "client_secret_post", 303),
        ({METHODS: ["client_secret_post", "client_secret_basic"]}, "client_secret_basic", 303),
        ({METHODS: ["client_secret_post"]}, "client_secret_basic", 401),
    ],
)
async def test_the_secret_is_sent_as_discovery_says(console, provider, says, takes, status):
    await console.person("agent")
    provider.discovery, provider.methods = says, {takes}
    assert (await come_back(console.browser(), provider)).status_code == status


@pytest.mark.parametrize("methods", [["private_key_jwt"], ["none"], [], [7], {"a": 1}])
async def test_a_provider_that_takes_no_secret_is_refused_by_name(console, provider, methods):
    provider.discovery = {METHODS: methods}
    answer = await console.browser().get("/v1/provider/sign-in")
    assert answer.status_code == 401
    assert "client_secret_post" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize(
    "body", [b'{"a": "' + b"x" * 600_000 + b'"}', b"[" * 100_000, b"\xff", b"[]", b"null"],
    ids=["large", "deep", "no text", "a list", "null"],
)  # fmt: skip
async def test_answers_that_are_not_as_they_should_be(console, provider, path, body):
    await console.person("agent")
    provider.raw[path] = body
    browser = console.browser()
    answer = await browser.get("/v1/provider/sign-in")
    if path != "/.well-known/openid-configuration":
        back = provider.authorize(answer.headers["location"])
        answer = await browser.get("/v1/provider/callback", params=back)
    assert answer.status_code == (401 if path == "/token" else 503), answer.text


@pytest.mark.parametrize(
    ("groups", "names", "roles"),
    [
        ([f"{n:036d}" for n in range(220)] + ["desk"] + [f"{n:036d}" for n in range(30)], None, ["agent"]),
        ("desk", None, ["agent"]),
        (None, {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}, None),
        (["heads"], {"_claim_names": {"groups": "src1"}}, None),
        (None, {"hasgroups": True}, None),
        (["desk"], {"_claim_names": {"address": "src1"}}, ["agent"]),
    ],
    ids=["the 221st", "plain text", "elsewhere", "a part here", "has groups", "another claim"],
)  # fmt: skip
async def test_groups_are_never_judged_by_a_part_of_them(
    make_console, provider, groups, names, roles
):
    console = make_console(
        CONSOLE_OIDC_ISSUER=provider.issuer,
        CONSOLE_OIDC_CLIENT_ID=CLIENT,
        CONSOLE_OIDC_CLIENT_SECRET=SECRET,
        CONSOLE_OIDC_ROLES_CLAIM="groups",
    )
    async with console.begin() as store:
        await store.provider.replace_roles({"desk": "agent", "heads": "product"})
    await console.person("csm")
    given = {} if groups is None else {"groups": groups}
    provider.claims = {**provider.claims, **given, **(names or {})}
    answer = await come_back(console.browser(), provider)
    if roles is None:
        assert (answer.status_code, kind(answer)) == (401, "groups_incomplete")
        assert "`groups` is not complete" in answer.json()["detail"]
    kept = await console.sql("SELECT roles FROM account")
    assert [row.roles for row in kept] == [roles or ["csm"]]
    await console.close()


async def test_a_token_too_long_for_its_groups_is_refused_by_name(console, provider):
    await console.person("agent")
    provider.claims = {**provider.claims, "groups": [f"{n:036d}" for n in range(600)]}
    answer = await come_back(console.browser(), provider)
    assert (answer.status_code, kind(answer)) == (401, "provider_refused")
    assert "groups" in answer.json()["detail"]


async def test_a_provider_that_is_away_is_told_as_such(console, provider):
    await provider.stop()
    answer = await console.browser().get("/v1/provider/sign-in")
    assert answer.status_code == 503


async def test_without_a_provider_there_is_no_such_way(make_console):
    console = make_console()
    assert (await console.browser().get("/v1/provider/sign-in")).status_code == 404
    await console.close()


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"CONSOLE_OIDC_ISSUER": "http://login.example.org"}, "CONSOLE_OIDC_ISSUER is malformed"),
        ({"CONSOLE_OIDC_ISSUER": "file:///etc/passwd"}, "CONSOLE_OIDC_ISSUER is malformed"),
        ({"CONSOLE_OIDC_ISSUER": "https://login.example.org"}, "CONSOLE_OIDC_CLIENT_ID"),
        ({"CONSOLE_URL": "http://console.example.org"}, "CONSOLE_URL is malformed"),
        ({"CONSOLE_SESSION_IDLE": "PT1S"}, "CONSOLE_SESSION_IDLE is malformed"),
        ({"CONSOLE_SESSION_LIFE": "-PT1H"}, "CONSOLE_SESSION_LIFE is malformed"),
        ({"CONSOLE_SECOND_FACTOR_ROLES": "king"}, "CONSOLE_SECOND_FACTOR_ROLES is malformed"),
        ({"CONSOLE_MAIL_FROM": "a@b.org\r\nBcc: x@b.org"}, "CONSOLE_MAIL_FROM is malformed"),
        ({"SMTP_URL": "http://mail"}, "SMTP_URL is malformed"),
        ({"SMTP_URL": "smtp://u:p@mail.example.org"}, "SMTP_URL is malformed"),
        ({"HTTP_TLS_CERT_FILE": "", "HTTP_TLS_KEY_FILE": ""}, "HTTP_TLS_CERT_FILE"),
        ({"HTTP_TLS_KEY_FILE": ""}, "HTTP_TLS_KEY_FILE"),
        ({"HTTP_HOST": "0.0.0.0"}, "CONSOLE_URL is missing"),  # noqa: S104
        ({"CONSOLE_COLOUR": "red"}, "CONSOLE_COLOUR"),
    ],
)
def test_a_setting_that_would_be_unsafe_stops_the_start_and_is_named(more, named):
    environ = {**ENVIRON, "DATABASE_URL": "postgresql://u:p@127.0.0.1/x", **more}
    with pytest.raises(BadSettings, match=named):
        load(Settings, "console", environ)
