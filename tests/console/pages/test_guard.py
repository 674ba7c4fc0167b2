"""Who gets a page, and whose forms are taken: over HTTP, as a program or another site would try it."""

import pytest

from services.console.edges.pages import PAGES, ROUTERS
from services.console.edges.pages.page import Page, rights
from tests.console.conftest import PASSWORD, URL, kind

pytestmark = pytest.mark.servers
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_route_without_a_page_in_the_catalogue_has_no_line():
    lines = {
        line.name for line in rights([each for each in PAGES if each.path != "/today"], ROUTERS)
    }
    assert not {name for name in lines if "/today" in name}
    assert {"GET /sign-in", "POST /sign-in", "POST /sign-out"} <= lines


def test_what_lies_below_a_page_is_that_pages():
    pages = (
        Page("/a", "a", roles=frozenset({"csm"})),
        Page("/a/b", "b", roles=frozenset({"lead"})),
    )
    assert [each.holds("/a/b/c") for each in pages] == [True, True]
    assert not pages[0].holds("/ab")


@pytest.mark.parametrize("path", ["/today", "/nowhere", "/today/panels/stages"])
async def test_a_stranger_is_led_to_the_sign_in_whatever_is_asked_for(console, path):
    answer = await console.browser().get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")


async def test_a_page_is_strict_about_what_runs_in_it(console):
    answer = await console.browser().get("/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_not_there_is_told_as_a_page_to_people_and_as_json_to_programs(console):
    browser = await console.signed_in("csm")
    page = await browser.get("/nowhere")
    assert page.status_code == 404
    assert "There is no such page" in page.text
    assert page.headers["x-request-id"] in page.text
    assert kind(await browser.get("/v1/nowhere")) == "not_found"


@pytest.mark.parametrize(
    ("headers", "given", "status"),
    [
        pytest.param({}, {}, 403, id="no token"),
        pytest.param({}, {"csrf": "0" * 64}, 403, id="another token"),
        pytest.param({"Origin": "https://elsewhere.example"}, None, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, None, 403, id="another site, no origin"),
        pytest.param({"Content-Type": "text/plain"}, None, 415, id="no form"),
        pytest.param({}, None, 303, id="our own page"),
    ],
)
async def test_a_form_comes_from_our_own_page_of_this_session(console, headers, given, status):
    browser = await console.signed_in("csm")
    token = browser.headers.pop("X-CSRF-Token")
    fields = {"csrf": token} if given is None else given
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    answer = await browser.post("/sign-out", content=body, headers={**FORM, **headers})
    assert answer.status_code == status
    left = await browser.get("/v1/session")
    assert left.status_code == (401 if status == 303 else 200)


@pytest.mark.parametrize(
    ("onward", "place"),
    [
        ("/today", "/today"),
        ("//elsewhere.example/today", "/"),
        ("https://elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("/%0d%0aSet-Cookie: x=1", "/%0d%0aSet-Cookie: x=1"),
        ("/a\r\nSet-Cookie: x=1", "/"),
    ],
)
async def test_nobody_is_sent_to_another_site_after_the_sign_in(console, onward, place):
    await console.person("csm")
    form = {"email": "ann@example.org", "password": PASSWORD, "next": onward}
    answer = await console.browser(Origin=URL).post("/sign-in", data=form)
    assert answer.status_code == 303
    assert answer.headers["location"].replace("%20", " ") == place


async def test_a_file_is_kept_for_a_year_under_a_name_of_its_content(console):
    address = console.service.state["frame"].environment.globals["static"]("console.css")
    answer = await console.browser().get(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert (await console.browser().get("/static/console.css")).status_code == 404
