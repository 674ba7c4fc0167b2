"""Whatever a page lists is there as a file, or its line in the catalogue says why not."""

import re

from services.console.edges.pages import PAGES, ROUTERS
from tests.house.test_house import ROOT

ROOM = ROOT / "services" / "console" / "edges" / "pages"
LISTS = {
    route.path.partition("/files/")[0]
    for router in ROUTERS
    for route in router.routes
    if "/files/" in route.path
}


def test_a_page_of_the_navigation_has_its_file_or_says_why_not() -> None:
    """Both would be a reason that is no longer true."""
    for page in PAGES:
        if page.place is not None:
            assert (page.path in LISTS) != bool(page.no_file), page.path


def test_a_file_is_led_to_from_its_page() -> None:
    led = "\n".join(path.read_text("utf-8") for path in ROOM.rglob("*.html"))
    known = set(re.findall(r'm\.csv\("(/[^"]*?)/?"', led))
    assert {path.partition("/{")[0] for path in LISTS} == known
