"""`make bench` looks at every page that there is."""

import re
from urllib.parse import urlsplit

from services.console.edges.pages import EVERYBODY, PAGES
from services.console.edges.pages.tickets import tickets
from tools.bench import pages_live
from tools.bench.pages import LOOKS

NO_PAGES = {"/sign-out", "/live"}


def page_of(address):
    """The page with the longest path that an address is of or below."""
    path = urlsplit(address).path
    shapes = {page: re.sub(r"\{\w+\}", "[^/]+", page.path) for page in PAGES}
    holding = [page for page, shape in shapes.items() if re.match(f"{shape}(/|$)", path)]
    return max(holding, key=lambda page: len(page.path))


def test_every_page_is_looked_at_by_somebody_who_has_it():
    looked = {(role, page_of(path)) for role, paths in LOOKS.items() for path in paths}
    assert all(role in page.roles for role, page in looked)
    wanted = {page.path for page in PAGES if page.roles} - NO_PAGES
    assert wanted - {page.path for _, page in looked} == set()
    assert set(LOOKS) == EVERYBODY


def test_the_open_pages_ask_for_the_rows_that_there_is():
    assert f"/tickets/panels/{tickets.ROWS.name}" == pages_live.ROWS
