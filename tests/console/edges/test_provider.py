"""Sign in by OpenID Connect: whom we invited, with every way to forge a token refused."""

import hmac
import json

import pytest

from services.console.settings import Settings
from shared.errors import BadSettings
from shared.settings import load
from tests.console.conftest import ENVIRON, URL, kind
from tests.console.edges.provider_signer import CLIENT, SECRET, Provider, b64, curve_key, other_rsa

pytestmark = pytest.mark.servers

COOKIE = "__Host-playcaller"


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
    assert (await come_back(browser, provider)).status_code == 303
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
