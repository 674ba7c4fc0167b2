"""In and out: cookies, CSRF, fixation, throttling, and what a stranger learns: nothing."""

import asyncio
import statistics
import time
import unicodedata

import pytest

from services.console.domain.sealed.digest import csrf_token
from services.console.edges.hashing import Argon2
from tests.console.conftest import PASSWORD, URL, kind, sign_in
from tests.system import until

pytestmark = pytest.mark.servers

COOKIE = "__Host-playcaller"
KNOWN = f"{COOKIE}-known"


async def login(browser, email="ann@example.org", password=PASSWORD, **more):
    return await browser.post("/v1/login", json={"email": email, "password": password}, **more)


async def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(console):
    await console.person("agent")
    answer = await login(console.browser())
    known, session = sorted(answer.headers.get_list("set-cookie"), key=len, reverse=True)
    assert known.startswith(f"{COOKIE}-known=")
    name, _, rest = session.partition("=")
    assert name == COOKIE
    assert {part.strip().lower() for part in rest.split(";")[1:]} == {
        "httponly", "secure", "samesite=lax", "path=/",
    }  # fmt: skip
    secret = answer.cookies[COOKIE]
    assert len(secret) == 43  # 256 bits
    stored = await console.sql("SELECT digest FROM session")
    assert secret not in str(stored)


async def test_a_session_opens_routes_until_it_is_signed_out(console):
    browser = await console.signed_in("agent")
    assert (await browser.get("/v1/session")).json()["account"]["email"] == "ann@example.org"
    stolen = dict(browser.cookies)

    assert (await browser.delete("/v1/session")).status_code == 204
    assert COOKIE not in browser.cookies
    thief = console.browser()
    thief.cookies.update(stolen)
    assert (await thief.get("/v1/session")).status_code == 401
    token = await thief.post("/v1/tokens", headers={"X-CSRF-Token": csrf_token(stolen[COOKIE])})
    assert token.status_code == 401


@pytest.mark.parametrize("field", ["seen_at", "created_at"])
async def test_a_session_left_alone_or_too_old_ends(console, field):
    browser = await console.signed_in("agent")
    span = {"seen_at": "29 minutes", "created_at": "11 hours 59 minutes"}[field]
    await console.sql(f"UPDATE session SET {field} = now() - interval '{span}'")  # noqa: S608
    assert (await browser.get("/v1/session")).status_code == 200
    span = {"seen_at": "30 minutes", "created_at": "12 hours"}[field]
    await console.sql(f"UPDATE session SET {field} = now() - interval '{span}'")  # noqa: S608
    assert (await browser.get("/v1/session")).status_code == 401
    assert await console.sql("SELECT 1 FROM session") == []


async def test_a_secret_that_was_put_into_the_browser_is_never_taken_over(console):
    await console.person("agent")
    browser = console.browser()
    browser.cookies.set(COOKIE, "a" * 43, domain="127.0.0.1", path="/")
    answer = await login(browser)
    assert answer.cookies[COOKIE] != "a" * 43
    again = await login(console.browser())
    assert again.cookies[COOKIE] != answer.cookies[COOKIE]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "wrong"}, 403),
        ({"X-CSRF-Token": "ö".encode()}, 403),
        ({"X-CSRF-Token": "right"}, 200),
        ({"X-CSRF-Token": "right", "Origin": URL}, 200),
        ({"X-CSRF-Token": "right", "Origin": "https://evil.example"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "null"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "http://127.0.0.1:8443"}, 403),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_a_cookie_alone_changes_nothing(console, headers, status):
    browser = await console.signed_in("agent")
    right = browser.headers.pop("X-CSRF-Token")
    sent = {name: right if value == "right" else value for name, value in headers.items()}
    answer = await browser.post("/v1/tokens", headers=sent)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert kind(answer) in {"csrf", "other_origin"}


async def test_the_token_of_another_session_is_not_enough(console):
    browser = await console.signed_in("agent")
    other = console.browser()
    await sign_in(other, "ann@example.org")
    answer = await browser.post("/v1/tokens", headers=dict(other.headers))
    assert kind(answer) == "csrf"


@pytest.mark.parametrize("route", ["/v1/login", "/v1/password-resets", "/v1/links/accept"])
async def test_another_origin_cannot_sign_anybody_in(console, route):
    body = {"email": "ann@example.org", "password": PASSWORD}
    answer = await console.browser().post(
        route, json=body, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


async def test_nobody_learns_whether_there_is_an_account(console):
    await console.person("agent")
    deactivated = await console.person("agent", email="ben@example.org")
    await console.sql("UPDATE account SET state = 'deactivated' WHERE id = :id", id=deactivated.id)
    answers = [
        await login(console.browser(), "ann@example.org", "wrong horse battery"),
        await login(console.browser(), "nobody@example.org", "wrong horse battery"),
        await login(console.browser(), "ben@example.org"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    resets = [
        await console.browser().post("/v1/password-resets", json={"email": email})
        for email in ("ann@example.org", "nobody@example.org")
    ]
    assert {answer.status_code for answer in resets} == {202}
    assert len({answer.text for answer in resets}) == 1


async def test_an_unknown_account_takes_as_long_as_a_known_one(make_console):
    console = make_console(strong=True)
    await console.person("agent")

    async def took(email):
        began = time.perf_counter()
        await login(console.browser(address=f"192.0.2.{len(spans)}"), email, "wrong horse battery")
        return time.perf_counter() - began

    spans = []
    for n in range(5):  # turn by turn: whatever else runs here slows both
        spans.append((await took("ann@example.org"), await took(f"nobody{n}@example.org")))
        await console.sql("DELETE FROM tries")
    known, unknown = (statistics.median(each) for each in zip(*spans, strict=True))
    assert 0.2 < known / unknown < 5, spans  # without the same work it is far from there


async def test_wrong_tries_make_the_next_one_wait_even_the_right_one(console):
    await console.person("agent")
    browser = console.browser()
    for _ in range(5):
        assert (await login(browser, password="wrong horse battery")).status_code == 401
    refused = await login(browser)
    assert refused.status_code == 429
    assert kind(refused) == "too_many_tries"
    assert int(refused.headers["Retry-After"]) >= 1
    await console.sql("UPDATE tries SET last_at = last_at - interval '20 minutes'")
    assert (await login(browser)).status_code == 200
    left = await console.sql("SELECT count FROM tries WHERE key LIKE 'account:%'")
    assert [row.count for row in left] == [0]


async def test_an_unknown_account_is_throttled_like_a_known_one(console):
    statuses = [
        (await login(console.browser(), "nobody@example.org", "wrong horse battery")).status_code
        for _ in range(6)
    ]
    assert statuses == [401] * 5 + [429]


async def test_one_place_cannot_try_many_accounts(console):
    browser = console.browser(address="2001:db8::1")
    for n in range(20):
        await login(browser, f"n{n}@example.org", "wrong horse battery")
    assert (await login(browser, "n21@example.org")).status_code == 429
    neighbour = console.browser(address="2001:db8::2")
    assert (await login(neighbour, "n21@example.org")).status_code == 429
    elsewhere = console.browser(address="2001:db8:1::1")
    assert (await login(elsewhere, "n21@example.org")).status_code == 401


async def test_a_header_does_not_change_where_one_comes_from(console):
    for n in range(20):
        await login(
            console.browser(**{"X-Forwarded-For": f"192.0.2.{n}", "Forwarded": f"for=192.0.2.{n}"}),
            f"n{n}@example.org",
            "wrong horse battery",
        )
    assert (await login(console.browser(), "n21@example.org")).status_code == 429


WRONG = "wrong horse battery"


async def test_strangers_keep_nobody_out_who_comes_from_elsewhere(console):
    """Ten addresses, more tries than any count allows, at both kinds of the person's browsers."""
    await console.person("agent")
    home = console.browser("198.51.100.1")
    await sign_in(home, "ann@example.org")
    for n in range(10):
        stranger = console.browser(f"192.0.2.{n}")
        statuses = [(await login(stranger, password=WRONG)).status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429]
    await console.sql("UPDATE tries SET count = 60, last_at = now() WHERE count > 1")
    assert (await login(home)).status_code == 200, "a browser that was in before"
    assert (await login(console.browser("198.51.100.2"))).status_code == 200, "a new one, elsewhere"
    assert (await login(console.browser("192.0.2.1"))).status_code == 429, "the stranger's place"


async def test_a_browser_that_was_in_is_not_kept_out_by_its_own_network(console):
    await console.person("agent")
    known = console.browser()
    await sign_in(known, "ann@example.org")
    for _ in range(6):
        await login(console.browser(), password=WRONG)
    for n in range(3):
        await login(console.browser(), f"n{n}@example.org", WRONG)
    await console.sql("UPDATE tries SET count = 60, last_at = now() WHERE count > 1")
    assert (await login(console.browser())).status_code == 429
    assert (await login(console.browser(), "n9@example.org")).status_code == 429
    assert (await login(known)).status_code == 200
    statuses = [(await login(known, password=WRONG)).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429], "its own count is as strict"


async def test_one_who_has_forgotten_a_password_locks_no_office(console):
    await console.person("agent")
    for n in range(6):  # six people, each until they have to wait
        for _ in range(6):
            last = await login(console.browser(), f"n{n}@example.org", WRONG)
        assert last.status_code == 429
    assert (await login(console.browser())).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: "",
        lambda c: c[:-1] + ("A" if c[-1] != "A" else "B"),
        lambda c: "0" * 16 + c[16:],
        lambda c: c.partition(".")[0] + "." + "A" * 43,
        lambda c: "\u00e4" * 60,
    ],
)
async def test_a_browser_cannot_say_of_itself_that_it_was_in(console, spoil):
    await console.person("agent")
    real = (await login(console.browser("198.51.100.1"))).cookies[KNOWN]
    forged = console.browser()
    for n in range(7):
        value = spoil(real).replace("0", "123456789abcdef"[n % 10]) if n else spoil(real)
        cookie = f"{KNOWN}={value}".encode("latin-1")
        last = await login(forged, password=WRONG, headers={"Cookie": cookie})
    assert last.status_code == 429


async def test_the_cookie_of_one_account_is_none_for_another(console):
    await console.person("agent", email="mal@example.org")
    await console.person("agent")
    mal = console.browser()
    await sign_in(mal, "mal@example.org")
    statuses = [(await login(mal, password=WRONG)).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert (await login(mal, "mal@example.org")).status_code == 200


async def test_it_stays_the_same_browser_and_opens_nothing(console):
    await console.person("agent")
    browser = console.browser()
    first = (await login(browser)).cookies[KNOWN]
    assert (await login(browser)).cookies[KNOWN] == first
    browser.headers["X-CSRF-Token"] = csrf_token(browser.cookies[COOKIE])
    assert (await browser.delete("/v1/session")).status_code == 204
    assert browser.cookies[KNOWN] == first, "signing out is not forgetting"
    assert (await browser.get("/v1/session")).status_code == 401


async def test_the_own_password_change_is_counted_apart(console):
    browser = await console.signed_in("agent")
    wish = {"present": WRONG, "wanted": "another long phrase"}
    statuses = [(await browser.post("/v1/me/password", json=wish)).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert (await login(console.browser())).status_code == 200
    for _ in range(6):
        await login(console.browser("192.0.2.1"), password=WRONG)
    await console.sql("DELETE FROM tries WHERE key LIKE 'own:%'")
    done = await browser.post("/v1/me/password", json={**wish, "present": PASSWORD})
    assert done.status_code == 200


async def test_many_networks_together_come_to_an_end_too(console):
    await console.person("agent")
    known = console.browser()
    await sign_in(known, "ann@example.org")
    await login(console.browser("192.0.2.1"), password=WRONG)
    await console.sql(
        "UPDATE tries SET count = 1020, last_at = now() WHERE key LIKE 'everywhere:%'"
    )
    assert (await login(console.browser("192.0.2.2"), password=WRONG)).status_code == 429
    assert (await login(known)).status_code == 200


async def test_many_tries_at_the_same_time_get_no_further_than_a_few(console):
    await console.person("agent")
    answers = await asyncio.gather(
        *(login(console.browser(), password=f"wrong horse {n} battery") for n in range(25))
    )
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) <= 5
    assert set(statuses) <= {401, 429, 503}


@pytest.mark.parametrize(
    "body",
    [
        {"email": "ann@example.org\r\nBcc: x@example.org", "password": "x"},
        {"email": "a@b@example.org", "password": "x"},
        {"email": "ann@exämple.org", "password": "x"},
        {"email": "a" * 400 + "@example.org", "password": "x"},
        {"email": "ann@example.org", "password": "x" * 257},
        {"email": "ann@example.org"},
        {"email": "ann@example.org", "password": "x", "roles": ["admin"]},
        {"email": ["ann@example.org"], "password": "x"},
        [],
    ],
)
async def test_a_body_that_is_not_as_it_should_be(console, body):
    answer = await console.browser().post("/v1/login", json=body)
    assert answer.status_code == 422
    assert "Bcc" not in answer.text


async def test_a_hash_made_with_other_parameters_is_renewed_at_sign_in(make_console):
    console = make_console(strong=True)
    account = await console.person("agent")
    old = await Argon2(memory_kib=8 * 1024, passes=1).make(PASSWORD)
    await console.sql(
        "UPDATE account SET password_hash = :old WHERE id = :id", old=old, id=account.id
    )
    await sign_in(console.browser(), "ann@example.org")
    (row,) = await console.sql("SELECT password_hash FROM account")
    assert row.password_hash.startswith("$argon2id$v=19$m=47104,t=2,p=1$")


async def test_the_event_loop_is_free_while_passwords_are_checked(make_console):
    console = make_console(strong=True)
    work = asyncio.gather(*(console.context.hasher.is_right("x" * 12, None) for _ in range(6)))
    turns = 0
    while not work.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert await work == [False] * 6
    assert turns > 30, "checked in the loop, each would hold it for a turn of 0.1 s"


async def test_own_sessions_are_seen_and_ended_one_by_one_and_together(console):
    first = await console.signed_in("agent")
    second, third = console.browser(), console.browser()
    await sign_in(second, "ann@example.org")
    await sign_in(third, "ann@example.org")
    listed = (await first.get("/v1/me/sessions")).json()
    assert [each["present"] for each in listed] == [False, False, True]
    assert (await first.delete(f"/v1/me/sessions/{listed[0]['id']}")).status_code == 204
    again = await first.delete(f"/v1/me/sessions/{listed[0]['id']}")
    assert (again.status_code, kind(again)) == (404, "session_not_found"), "ended twice"
    assert (await third.get("/v1/session")).status_code == 401
    assert (await first.delete("/v1/me/sessions")).json() == {"sessions": 1}
    assert (await second.get("/v1/session")).status_code == 401
    assert (await first.get("/v1/session")).status_code == 200


async def test_nobody_ends_the_sessions_of_others(console):
    ann = await console.signed_in("agent")
    ben = await console.signed_in("agent", email="ben@example.org")
    (own,) = (await ben.get("/v1/me/sessions")).json()
    answer = await ann.delete(f"/v1/me/sessions/{own['id']}")
    assert answer.status_code == 404
    assert (await ben.get("/v1/session")).status_code == 200


async def test_a_new_password_ends_the_other_sessions_and_renews_this_one(console):
    browser, other = await console.signed_in("agent"), console.browser()
    await sign_in(other, "ann@example.org")
    before = browser.cookies[COOKIE]
    wrong = await browser.post(
        "/v1/me/password", json={"present": "wrong horse battery", "wanted": "another long phrase"}
    )
    assert wrong.status_code == 401
    easy = await browser.post(
        "/v1/me/password", json={"present": PASSWORD, "wanted": "password1234"}
    )
    assert kind(easy) == "password_refused"
    answer = await browser.post(
        "/v1/me/password", json={"present": PASSWORD, "wanted": "another long phrase"}
    )
    assert answer.status_code == 200
    assert browser.cookies[COOKIE] != before
    assert (await other.get("/v1/session")).status_code == 401
    assert (await browser.get("/v1/session")).status_code == 200
    await sign_in(console.browser(), "ann@example.org", password="another long phrase")


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("mike@example.org ", 200),
        ("\u00a0\tMike@Example.ORG\r\n", 200),
        ("\ufeffmike@example.org\u200b", 200),
        ("\u3000mike@example.org\u2003", 200),
        ("mi\u212ae@example.org", 422),
        ("mike@example.or\uff47", 422),
        ("m\u0131ke@example.org", 422),
        ("\u017fam@example.org", 422),
        ("mike@exam\u200bple.org", 422),
        ("mi ke@example.org", 422),
    ],
)
async def test_an_address_has_one_form_and_folding_makes_none(console, email, status):
    await console.person("agent", email="mike@example.org")
    assert (await login(console.browser(), email)).status_code == status


SCHOEN = "ein sch\u00f6nes Gr\u00f6\u00dfenma\u00df"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("kept", ["now", "NFC of before", "NFD of before", "NBSP of before"])
async def test_a_password_is_the_same_on_another_keyboard(console, form, kept):
    typed = SCHOEN.replace(" ", "\u00a0") if kept.startswith("NBSP") else SCHOEN
    account = await console.person("agent", password=typed)
    if kept != "now":
        way = kept[:3] if kept[:3] in {"NFC", "NFD"} else "NFC"
        old = console.context.hasher._argon2.hash(unicodedata.normalize(way, typed))
        await console.sql("UPDATE account SET password_hash = :old", old=old)
    given = unicodedata.normalize(form, typed)
    if (form, kept) == ("NFD", "NBSP of before"):
        given = typed  # composed it was kept, so composed it has to come
    assert (await login(console.browser(), password=given)).status_code == 200
    wrong = await login(console.browser(), password=given.replace("ein", "kein"))
    assert wrong.status_code == 401
    assert account.password_hash


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_a_password_is_set_in_one_form_at_every_door(console, form):
    browser = await console.signed_in("agent")
    wanted = unicodedata.normalize(form, SCHOEN)
    answer = await browser.post("/v1/me/password", json={"present": PASSWORD, "wanted": wanted})
    assert answer.status_code == 200
    for other in ("NFC", "NFD"):
        await sign_in(
            console.browser(), "ann@example.org", password=unicodedata.normalize(other, SCHOEN)
        )
    long = unicodedata.normalize("NFD", "\u00f6" * 257)
    assert (await login(console.browser(), password=long)).status_code == 422
    assert (await login(console.browser(), password=long[:-2])).status_code == 401


async def test_a_hundred_strangers_do_not_delay_whom_we_know(make_console):
    console = make_console(strong=True)
    await console.person("agent")
    known = console.browser()
    await sign_in(known, "ann@example.org")
    strangers = [
        asyncio.create_task(
            login(console.browser(f"192.0.2.{n}"), f"n{n}@example.org", "gänzlich falsches Wort")
        )
        for n in range(100)
    ]
    await until(lambda: console.context.hasher._waiting[False] >= 20)
    assert (await login(known)).status_code == 200
    still = sum(not each.done() for each in strangers)
    assert still >= 15, "it was not at the end of their queue"
    answers = await asyncio.gather(*strangers)
    assert {answer.status_code for answer in answers} <= {401, 503}
    await console.close()
