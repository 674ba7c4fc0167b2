"""Mail tells people when their credentials change, over a real SMTP server, without a secret."""

import pyotp
import pytest

from shared.clock import wall_now
from tests.console.conftest import PASSWORD, URL, ask, link_of, sign_in
from tests.console.edges.test_second_factor import SECRET, enrol, half_way, second

pytestmark = pytest.mark.servers

ANOTHER = "another long phrase"


@pytest.fixture
async def console(make_console, smtp):
    made = make_console(SMTP_URL=smtp)
    yield made
    await made.close()


@pytest.fixture
def told(console, inbox):
    """`await told()`: receiver and first sentence of all mails since the last time."""
    seen = set()

    async def sent() -> list[tuple[str, str]]:
        await console.runner.drain()
        new = [mail for mail in inbox() if mail["Message-ID"] not in seen]
        seen.update(mail["Message-ID"] for mail in new)
        return sorted((mail["To"], mail.get_content().partition(".")[0]) for mail in new)

    return sent


async def test_what_people_change_themselves(console, told, inbox):
    browser = await console.signed_in("agent")
    wish = {"present": PASSWORD, "wanted": ANOTHER}
    answer = await browser.post("/v1/me/password", json={**wish, "present": "wrong horse battery"})
    assert answer.status_code == 401
    assert await told() == [], "nothing was changed"
    answer = await browser.post("/v1/me/password", json=wish)
    browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    assert await told() == [("ann@example.org", "Your password was changed")]
    await browser.post("/v1/me/password", json={"present": ANOTHER, "wanted": PASSWORD})
    browser = console.browser()
    await sign_in(browser, "ann@example.org")
    await told()

    made, recovery = await enrol(browser)
    ((_, sentence),) = await told()
    assert sentence.startswith("A second factor was set up")
    new = (await browser.post("/v1/me/recovery-codes")).json()["recovery_codes"]
    ((_, sentence),) = await told()
    assert sentence.startswith("New recovery codes were made")
    other = console.browser()
    await half_way(console, other)
    assert (await second(other, new[0])).status_code == 200
    assert await told() == [
        ("ann@example.org", "One of your recovery codes was used in place of the telephone")
    ]
    assert (await browser.delete("/v1/me/second-factor")).status_code == 204
    assert await told() == [("ann@example.org", "Your second factor was taken away")]

    secrets = {PASSWORD, ANOTHER, made["secret"], *recovery, *new}
    for mail in inbox():
        text = mail.as_string()
        assert not any(secret in text for secret in secrets)
        assert URL in text
        assert f"{URL}/welcome#" not in text, "it opens nothing"
        assert mail.get_content_type() == "text/plain"


async def test_a_code_of_the_telephone_is_no_news(console, told):
    await console.person("agent", factor=SECRET)
    await sign_in(console.browser(), "ann@example.org", SECRET)
    assert await told() == []


async def test_what_admins_change(console, told):
    admin = await console.signed_in("admin", email="eve@example.org", factor=SECRET)
    ann = await console.person("agent", factor=pyotp.random_base32())
    roles = f"/v1/accounts/{ann.id}/roles"
    assert (await admin.put(roles, json={"roles": ["csm"]})).status_code == 200
    ((to, sentence),) = await told()
    assert (to, sentence) == ("ann@example.org", "Your roles were changed")
    await admin.put(roles, json={"roles": ["csm"]})
    assert await told() == [], "the same roles again"
    await admin.post(f"/v1/accounts/{ann.id}/reset-second-factor")
    assert await told() == [("ann@example.org", "Your second factor was taken away")]
    await admin.post("/v1/keys", json={"name": "shop", "roles": ["vendor"]})
    assert await told() == [("eve@example.org", "An API key was made by you")]


async def test_a_reset_by_mail_is_told_too(console, told, inbox):
    await console.person("agent")
    await ask(console)
    await told()
    wish = {"secret": link_of(inbox()[0]), "password": ANOTHER}
    assert (await console.browser().post("/v1/links/accept", json=wish)).status_code == 204
    ((to, sentence),) = await told()
    assert (to, sentence.startswith("Your password was chosen anew")) == ("ann@example.org", True)


async def test_a_notice_waits_three_days_for_a_mail_server_and_no_longer(console, told):
    browser = await console.signed_in("agent", factor=SECRET)
    await browser.delete("/v1/me/second-factor")
    (row,) = await console.sql("SELECT deadline_at AS expires_at FROM effect")
    assert 71 < (row.expires_at - wall_now()).total_seconds() / 3_600 <= 72
    await console.sql("UPDATE effect SET deadline_at = now()")
    assert await told() == []
    assert await console.sql("SELECT state, why FROM effect") == [("failed", "too_late")]
