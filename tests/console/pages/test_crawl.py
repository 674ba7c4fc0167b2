"""Every page of the catalogue in every role, as a browser sees it: one browser, one system."""

import asyncio
import re
from contextlib import AsyncExitStack

import httpx
import pytest

from services.console.edges.pages import EVERYBODY, PAGES
from services.console.edges.pages.people import SEE_PEOPLE
from services.console.edges.pages.words import Words
from tests.browser import NARROW, WIDE, complaints, sticks_out, tab
from tests.console.pages.test_customers import NAMES, fill, up
from tests.console.pages.test_on_call import set_aside
from tests.signed import headers

pytestmark = pytest.mark.servers
AT_ONCE = 3  # roles
SAID = {said for each in Words().said.values() for said in (each if isinstance(each, dict) else {"": each}).values()}  # fmt: skip
TABLES = "|".join(sorted({key.partition(".")[0] for key in Words().said}))
KEY = re.compile(rf"\b(?:{TABLES})\.[a-z]+_[a-z_]+\b")
READY = "() => !document.querySelector('[aria-busy=true]')"
TEXTS = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) if (walk.currentNode.data.trim()) found.push(walk.currentNode.data.trim());
  return found;
}"""
LINKS = "path => [...document.querySelectorAll(`main a[href^='${path}/']`)].map(a => a.getAttribute('href'))"
FILES = "() => [...document.querySelectorAll('a[download]')].map(a => a.getAttribute('href'))"
NO_PAGE = re.compile("/(panels|files)/")


def one_of_each(links: list[str], above: str) -> dict[str, str]:
    """The first link of each kind of page below a path, by its kind."""
    kinds: dict[str, str] = {}
    for link in links:
        place = link.partition("?")[0].partition("#")[0]
        _, *rest = place.removeprefix(f"{above}/").split("/")
        if not NO_PAGE.search(link):
            kinds.setdefault("/".join((above, "one", *rest)), link)
    return kinds


def strange(texts: list[str]) -> list[str]:
    """What no person would write: keys, Python's nothing, accounts and services by id."""
    found = [
        text for text in texts if KEY.search(text) or re.search(r"(account|service|key):\S", text)
    ]
    return found + [text for text in texts if re.search(r"\bNone\b", text) and text not in SAID]


async def looked(page, path: str, role: str, *, closely: bool) -> list[str]:
    """What is wrong with a page; `closely`: with axe, in light and dark."""
    answer = await page.goto(path)
    await page.wait_for_function(READY)
    said = [] if answer.status == 200 else [f"{answer.status}"]
    texts = await page.evaluate(TEXTS)
    said += strange(texts)
    if role in SEE_PEOPLE and "c-ana" in texts and "Ana Lima" not in texts:
        said.append("c-ana has a name")
    said += await sticks_out(page)
    for link in await page.evaluate(FILES) if closely else ():
        file = await page.request.get(link)
        if file.status != 200 or not (await file.text()).startswith("\ufeff"):
            said.append(f"{link} is no file")
    if closely:
        await page.set_viewport_size(WIDE)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            said += await complaints(page, only="color-contrast" if scheme == "dark" else "")
        await page.set_viewport_size(NARROW)
    return said


class Crawl:
    """Through all pages of a role; each template is looked at closely by the first who gets there."""

    def __init__(self, browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.wrong: dict[str, list[str]] = {}
        self.seen: set[str] = set()

    async def of(self, role: str, cookies: list[dict]) -> None:
        """Every page that the role has, of each list the first thing in it, and what is below that."""
        async with self._slots, tab(self._browser, self._url, viewport=NARROW) as page:
            await page.context.add_cookies(cookies)
            first: dict[str, str] = {}  # the first thing of each list
            for each in PAGES:
                if role not in each.roles or each.path in ("/sign-out", "/live"):
                    continue
                above, _, rest = each.path.partition("/{")
                path = first[above] + rest.partition("}")[2] if rest else each.path
                await self._look(page, role, path, each.path)
                links = one_of_each(await page.evaluate(LINKS, path), path)
                first[path] = next(iter(links.values()), "")
                for template, link in links.items():
                    await self._look(page, role, link, template)
                    place = link.partition("?")[0]
                    below = one_of_each(await page.evaluate(LINKS, place), place)
                    for of_one, deeper in below.items():
                        what = of_one.replace(place, template, 1)
                        await self._look(page, role, deeper, what)

    async def _look(self, page, role: str, path: str, template: str) -> None:
        closely = template not in self.seen
        self.seen.add(template)
        if found := await looked(page, path, role, closely=closely):
            self.wrong[f"{role} {path}"] = found


@pytest.fixture
async def crawled(postgres):
    """Databases with a little of everything."""
    databases = {name: await postgres.migrated(name, f"crawl_{name}") for name in NAMES}
    await fill(databases, others=4)
    await set_aside(databases)
    return databases


@pytest.fixture
async def addresses(crawled):
    """All four services over them."""
    async with AsyncExitStack() as stack:
        found = await up(stack, crawled)
        async with httpx.AsyncClient(base_url=found["support"], headers=headers("admin")) as http:
            helpers = {"id": "helpers", "name": "Helpers"}
            (await http.post("/v1/organisations", json=helpers)).raise_for_status()
        yield {f"CONSOLE_{name.upper()}_URL": url for name, url in found.items()}


async def signed_in(console, role: str, url: str) -> list[dict]:
    """The cookies of somebody with this role."""
    organisation = "helpers" if role == "partner" else None
    client = await console.signed_in(role, email=f"{role}@example.org", organisation=organisation)
    return [
        {"name": each.name, "value": each.value, "url": url, "secure": True}
        for each in client.cookies.jar
    ]


async def test_every_page_in_every_role(browser, serve, addresses):
    async with serve(**addresses) as (console, url):
        crawl = Crawl(browser, url)
        cookies = {role: await signed_in(console, role, url) for role in sorted(EVERYBODY)}
        await asyncio.gather(*(crawl.of(role, each) for role, each in cookies.items()))
    assert crawl.wrong == {}
    assert {each.path for each in PAGES if each.roles} - {"/sign-out", "/live"} <= crawl.seen
