"""With scripts off every page in every role is read to its last panel, and every form can be sent."""

import re
from html import unescape

import pytest

from services.console.edges.pages import EVERYBODY, PAGES, panels
from tests.console.pages.test_abuse import LISTS, ONES
from tests.console.pages.test_crawl import addresses, crawled  # noqa: F401 - fixtures

pytestmark = pytest.mark.servers
LATE = re.compile(r'class="coming"><a href="([^"]+)"')
BY_ENTER = re.compile('role="search"|<fieldset[^>]* disabled')  # or it only shows
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
MENU = {page.path: page.roles for page in PAGES}


def unusable(html: str) -> list[str]:
    """Forms that only a script could send."""
    return [
        form[:160]
        for form in FORM.findall(html)
        if (not BY_ENTER.search(form) and not re.search(r"<button(?![^>]*type=.button)", form))
        or ('method="post"' in form and 'name="csrf" value=' not in form)
    ]


async def read(browser, path: str) -> tuple[list[str], int]:
    """What cannot be read or sent on a page and in the panels that come late, and how many those are."""
    page = await browser.get(path)
    wrong = [f"{path}: {page.status_code}"] if page.status_code != 200 else []
    wrong += [f"{path}: {form}" for form in unusable(page.text)]
    late = [unescape(link) for link in LATE.findall(page.text)]
    for link in late:
        panel = await browser.get(link)
        if panel.status_code != 200 or "<h1" not in panel.text or 'aria-busy="true"' in panel.text:
            wrong.append(f"{link}: {panel.status_code}")
        wrong += [f"{link}: {form}" for form in unusable(panel.text)]
    return wrong, len(late)


async def test_every_page_in_every_role_without_scripts(make_console, addresses, monkeypatch):  # noqa: F811
    monkeypatch.setattr(panels, "PATIENCE_S", 0.0)  # no panel is in time: a link leads to each
    console = make_console(**addresses)
    wrong, late = [], 0
    for role in sorted(EVERYBODY):
        whose = "helpers" if role == "partner" else None
        browser = await console.signed_in(role, email=f"{role}@example.org", organisation=whose)
        mine = [path for path in LISTS if role in MENU[path]]
        for path in (*mine, *(ONES if role == "lead" else ())):
            found, links = await read(browser, path)
            wrong += [f"{role} {said}" for said in found]
            late += links
    await console.close()
    assert wrong == []
    assert late > 100
