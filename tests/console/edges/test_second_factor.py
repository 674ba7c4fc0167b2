"""The second factor: set up, asked for, used once, and what to do without the telephone."""

import pyotp
import pytest

from shared.clock import wall_now
from shared.web.guards.auth import Keys
from shared.web.who import STEP_UP
from tests.console.conftest import PASSWORD, kind, sign_in
from tests.signed import keys_file

pytestmark = pytest.mark.servers

COOKIE = "__Host-playcaller"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret=SECRET, steps=0):
    return pyotp.TOTP(secret).at(wall_now(), counter_offset=steps)


async def half_way(console, browser, email="ann@example.org"):
    answer = await browser.post("/v1/login", json={"email": email, "password": PASSWORD})
    assert answer.json() == {"state": "second_factor_needed", "csrf_token": None}


async def second(browser, given):
    return await browser.post("/v1/login/second-factor", json={"code": given})


async def enrol(browser):
    made = (await browser.post("/v1/me/second-factor", json={"password": PASSWORD})).json()
    answer = await browser.post("/v1/me/second-factor/confirm", json={"code": code(made["secret"])})
    assert answer.status_code == 200, answer.text
    browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return made, answer.json()["recovery_codes"]


async def test_it_is_set_up_with_a_code_and_asked_for_from_then_on(console):
    browser = await console.signed_in("agent")
    before = browser.cookies[COOKIE]
    made, recovery = await enrol(browser)
    assert made["uri"].startswith("otpauth://totp/Playcaller:ann%40example.org?secret=")
    assert len(set(recovery)) == 10
    assert browser.cookies[COOKIE] != before
    await half_way(console, console.browser())


async def test_it_counts_only_once_the_code_was_right(console):
    browser = await console.signed_in("agent")
    await browser.post("/v1/me/second-factor", json={"password": PASSWORD})
    answer = await browser.post("/v1/me/second-factor/confirm", json={"code": "000000"})
    assert answer.status_code == 401
    await sign_in(console.browser(), "ann@example.org")


async def test_a_stolen_session_cannot_set_one_up_without_the_password(console):
    browser = await console.signed_in("agent")
    for body in ({}, {"password": "wrong horse battery"}):
        answer = await browser.post("/v1/me/second-factor", json=body)
        assert answer.status_code == 401


async def test_half_a_sign_in_opens_nothing(console):
    await console.person("agent", factor=SECRET)
    browser = console.browser()
    await half_way(console, browser)
    assert COOKIE not in browser.cookies
    assert (await browser.get("/v1/session")).status_code == 401
    assert (await browser.post("/v1/tokens")).status_code == 401
    browser.cookies.set(COOKIE, browser.cookies[f"{COOKIE}-half"], domain="127.0.0.1", path="/")
    assert (await browser.get("/v1/session")).status_code == 401


async def test_a_code_is_good_once(console):
    await console.person("agent", factor=SECRET)
    first, other = console.browser(), console.browser()
    given = code()
    await half_way(console, first)
    assert (await second(first, given)).status_code == 200
    await half_way(console, other)
    assert (await second(other, given)).status_code == 401
    assert (await second(other, code(steps=1))).status_code == 200


async def test_a_half_sign_in_is_good_once_and_for_five_minutes(console):
    await console.person("agent", factor=SECRET)
    browser = console.browser()
    await half_way(console, browser)
    half = browser.cookies[f"{COOKIE}-half"]
    assert (await second(browser, code())).status_code == 200
    browser.cookies.set(f"{COOKIE}-half", half, domain="127.0.0.1", path="/")
    assert (await second(browser, code(steps=1))).status_code == 401
    late = console.browser()
    await half_way(console, late)
    await console.sql("UPDATE link SET expires_at = now()")
    assert (await second(late, code(steps=1))).status_code == 401


async def test_guessing_codes_is_slowed_down(console):
    await console.person("agent", factor=SECRET)
    browser = console.browser()
    await half_way(console, browser)
    statuses = [(await second(browser, f"{n:06d}")).status_code for n in range(6)]
    assert statuses == [401] * 5 + [429]
    assert (await second(browser, code())).status_code == 429


async def test_a_recovery_code_stands_in_once(console):
    browser = await console.signed_in("agent")
    _, recovery = await enrol(browser)
    for given, status in ((recovery[0].upper(), 200), (recovery[0], 401), (recovery[1], 200)):
        other = console.browser()
        await half_way(console, other)
        assert (await second(other, given)).status_code == status
    stored = await console.sql("SELECT digest FROM recovery_code")
    assert len(stored) == 8
    assert recovery[2].replace("-", "") not in str(stored)


async def test_an_admin_without_one_can_only_set_it_up(console):
    await console.person("admin")
    browser = console.browser()
    await sign_in(browser, "ann@example.org")
    me = (await browser.get("/v1/session")).json()
    assert me["second_factor_missing"] is True
    for method, path in (("GET", "/v1/accounts"), ("POST", "/v1/tokens"), ("GET", "/v1/keys")):
        answer = await browser.request(method, path)
        assert kind(answer) == "second_factor_missing"
    await enrol(browser)
    assert (await browser.get("/v1/accounts")).status_code == 200
    assert (await browser.post("/v1/tokens")).status_code == 200


@pytest.mark.parametrize(("roles", "status"), [("none", 200), ("agent", 403), ("lead agent", 403)])
async def test_who_must_have_one_is_a_setting(make_console, roles, status):
    console = make_console(CONSOLE_SECOND_FACTOR_ROLES=roles)
    browser = await console.signed_in("agent")
    assert (await browser.post("/v1/tokens")).status_code == status
    await console.close()


async def test_a_sensitive_act_wants_a_code_given_a_moment_ago(console):
    browser = await console.signed_in("admin", factor=SECRET)
    wish = {"name": "shop", "roles": ["vendor"]}
    assert (await browser.post("/v1/keys", json=wish)).status_code == 201
    await console.sql("UPDATE session SET second_factor_at = now() - interval '10 minutes'")
    refused = await browser.post("/v1/keys", json=wish)
    assert kind(refused) == "step_up_needed"
    before = browser.cookies[COOKIE]
    answer = await browser.post("/v1/me/step-up", json={"code": code(steps=1)})
    browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    assert browser.cookies[COOKIE] != before
    assert (await browser.post("/v1/keys", json=wish)).status_code == 201


async def test_a_persons_token_does_not_go_round_the_code(console):
    browser = await console.signed_in("admin", factor=SECRET)
    token = (await browser.post("/v1/tokens")).json()["access_token"]
    program = console.browser(Authorization=f"Bearer {token}")
    assert (await program.get("/v1/keys")).status_code == 200
    answer = await program.post("/v1/keys", json={"name": "shop", "roles": ["vendor"]})
    assert kind(answer) == "session_needed"


async def test_it_can_be_taken_away_unless_the_roles_want_it(console):
    browser = await console.signed_in("agent", factor=SECRET)
    assert (await browser.delete("/v1/me/second-factor")).status_code == 204
    await sign_in(console.browser(), "ann@example.org")
    admin = await console.signed_in("admin", email="eve@example.org", factor=SECRET)
    assert kind(await admin.delete("/v1/me/second-factor")) == "second_factor_required"


async def test_another_telephone_wants_a_code_of_the_first(console):
    browser = await console.signed_in("agent", factor=SECRET)
    await console.sql("UPDATE session SET second_factor_at = now() - interval '1 hour'")
    answer = await browser.post("/v1/me/second-factor", json={"password": PASSWORD})
    assert kind(answer) == "step_up_needed"


async def test_new_recovery_codes_replace_the_old(console):
    browser = await console.signed_in("agent", factor=SECRET)
    first = (await browser.post("/v1/me/recovery-codes")).json()["recovery_codes"]
    new = (await browser.post("/v1/me/recovery-codes")).json()["recovery_codes"]
    assert not set(first) & set(new)
    for given, status in ((first[0], 401), (new[0], 200)):
        other = console.browser()
        await half_way(console, other)
        assert (await second(other, given)).status_code == status


async def test_the_token_of_a_session_says_when_the_code_was_given(console):
    browser = await console.signed_in("lead", factor=SECRET)
    await console.sql("UPDATE session SET second_factor_at = now() - interval '10 minutes'")
    old = await second_factor_of(browser)
    assert old is not None
    assert wall_now() - old >= STEP_UP
    answer = await browser.post("/v1/me/step-up", json={"code": code(steps=1)})
    browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    assert wall_now() - await second_factor_of(browser) < STEP_UP
    plain = await console.signed_in("agent", email="ben@example.org")
    assert await second_factor_of(plain) is None


async def second_factor_of(browser):
    token = (await browser.post("/v1/tokens")).json()["access_token"]
    return Keys(keys_file()).who(token, wall_now()).second_factor_at


async def test_without_a_second_factor_no_sensitive_act_whatever_the_setting_says(make_console):
    console = make_console(CONSOLE_SECOND_FACTOR_ROLES="none")
    await console.person("admin")
    browser = console.browser()
    await sign_in(browser, "ann@example.org")
    answer = await browser.post("/v1/keys", json={"name": "shop", "roles": ["vendor"]})
    assert kind(answer) == "step_up_needed"
    assert "POST /v1/me/second-factor" in answer.json()["detail"]
    await enrol(browser)
    made = await browser.post("/v1/keys", json={"name": "shop", "roles": ["vendor"]})
    assert made.status_code == 201
    await console.close()


@pytest.mark.parametrize("role", ["admin", "lead", "oncall"])
async def test_roles_of_sensitive_acts_must_have_one(console, role):
    await console.person(role)
    browser = console.browser()
    await sign_in(browser, "ann@example.org")
    assert kind(await browser.post("/v1/tokens")) == "second_factor_missing"


PASTED = {
    "NBSP": lambda c: f"\u00a0{c[:3]}\u00a0{c[3:]}",
    "tab and newline": lambda c: f"\t{c}\r\n",
    "en dash": lambda c: f"{c[:3]}\u2013{c[3:]}",
    "minus": lambda c: f"{c[:3]}\u2212{c[3:]}",
    "no width": lambda c: f"\u200b{c[:2]}\u2060{c[2:]}\ufeff",
    "full width": lambda c: c.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)}),
    "Arabic digits": lambda c: c.translate({0x30 + n: 0x660 + n for n in range(10)}),
}


@pytest.mark.parametrize("pasted", PASTED.values(), ids=PASTED)
async def test_codes_are_taken_as_people_paste_them(console, pasted):
    browser = await console.signed_in("agent")
    made, recovery = await enrol(browser)
    other = console.browser()
    await half_way(console, other)
    assert (await second(other, pasted(code(made["secret"], steps=1)))).status_code == 200
    other = console.browser()
    await half_way(console, other)
    assert (await second(other, pasted(recovery[0].upper()))).status_code == 200
    assert (await second(other, recovery[0])).status_code == 401


@pytest.mark.parametrize(
    "bad", ["12345_", "12345\u00b2\u00b2", "", "\u2013" * 9, "x" * 200, "1" * 41]
)
async def test_what_is_no_code(console, bad):
    await console.person("agent", factor=SECRET)
    browser = console.browser()
    await half_way(console, browser)
    assert (await second(browser, bad)).status_code in {401, 422}
