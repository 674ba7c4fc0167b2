"""A room of many files has a folder for each noun, the same noun in every room of a service."""

from pathlib import Path

import pytest

from shared.settings import SERVICES
from tests.house.test_house import ROOT

MANY = 12  # files of a room in which one still finds what one looks for
NOUNS = {
    "journey": {
        *("customers", "stages", "imports", "erasures", "plays", "messages", "products"),
        *("rehearsals", "renewals", "deliveries", "contacts", "portfolios", "referrals", "calls"),
    },
    "ingest": {"messages", "buckets", "broker", "sources", "credentials", "rejects", "customers"},
    "analytics": {"days", "customers", "drops", "risks"},
    "support": {"tickets", "faults", "partners", "devices", "customers"},
    "console": {
        *("accounts", "sessions", "programs", "provider", "mails", "sealed"),
        # pages are about what other services know: their nouns, and what belongs to all
        *("tickets", "customers", "devices", "partners", "plays", "tasks", "stages", "products"),
        *("risks", "renewals", "referrals", "today", "on_call", "jobs", "audit", "palette", "live"),
    },
}
CATALOGUES = {"facts", "steps"}  # one file per fact, named in the folder itself
# rooms in a room: what is served, what goes out, what comes in; `pages` decide what pages show
INNER = {"api", "courier", "public", "pages", "services", "openid", "changes"}
FILES = {"messages", "static"}  # of pages: no code
ROOMS = (
    *("domain", "domain/pages", "handlers", "store"),
    *("edges", "edges/api", "edges/pages", "edges/services"),
)
PAGES = ROOT / "services" / "console" / "edges" / "pages"


def rooms(service: str) -> list[Path]:
    here = ROOT / "services" / service
    return [here / room for room in ROOMS if (here / room).exists()]


def too_many(room: Path) -> bool:
    return len([path for path in room.glob("*.py") if path.stem != "__init__"]) > MANY


@pytest.mark.parametrize("service", SERVICES)
def test_a_room_of_many_files_has_nouns(service: str) -> None:
    here = ROOT / "services"
    found = {room.relative_to(here).as_posix() for room in rooms(service) if too_many(room)}
    assert found == set()


@pytest.mark.parametrize("service", NOUNS)
def test_a_noun_is_the_same_in_every_room(service: str) -> None:
    folders = {
        folder.name
        for room in rooms(service)
        for folder in room.iterdir()
        if folder.is_dir() and folder.name not in {"__pycache__", *INNER, *FILES, *SERVICES}
    }
    assert folders - CATALOGUES <= NOUNS[service]


def test_a_template_stands_beside_the_page_it_belongs_to() -> None:
    """Its name is its own, so that pages need not say where; what no folder claims is the frame's."""
    templates = sorted(PAGES.rglob("*.html"))
    names = [path.name for path in templates]
    assert sorted(set(names)) == sorted(names)
    for folder in {path.parent for path in templates} - {PAGES}:
        code = "\n".join(path.read_text("utf-8") for path in folder.iterdir() if path.is_file())
        for path in folder.glob("*.html"):
            assert f'"{path.name}"' in code, f"{path}: no file beside it names it"
    assert len(list(PAGES.glob("*.html"))) <= MANY


def test_the_rule_sees_what_it_is_there_for(tmp_path: Path) -> None:
    for n in range(MANY):
        (tmp_path / f"{n}.py").touch()
    (tmp_path / "__init__.py").touch()
    assert not too_many(tmp_path)
    (tmp_path / "more.py").touch()
    assert too_many(tmp_path)
