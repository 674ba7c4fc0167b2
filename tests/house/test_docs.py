"""What the documentation names exists: files, headings, commands, variables."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from typer.main import get_group

from shared import metrics
from shared.events import EVENTS
from shared.events.topics import BY_NAME
from tools import cli

ROOT = Path(__file__).resolve().parents[2]
FRONT = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PAGES = sorted([*FRONT, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
PLAYCALLER = get_group(cli.app)
COMMANDS = set(PLAYCALLER.list_commands(PLAYCALLER.make_context("playcaller", ["status"])))

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPOKEN = re.compile(r"`([^`\n]+)`")
A_PATH = re.compile(r"(?:services|shared|tools|tests|docs|deploy|playbooks|examples)/[\w./-]*")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def prose(page: Path) -> str:
    return FENCED.sub("", text_of(page))


def shell(page: Path) -> str:
    """Everything a reader may type, and what is named in the text as a command."""
    return "\n".join([*SHELL.findall(text_of(page)), *SPOKEN.findall(prose(page))])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        led_to = (page.parent / path).resolve() if path else page
        assert led_to.exists(), target
        if anchor:
            assert anchor in anchors(led_to), target


@pytest.mark.parametrize("page", FRONT, ids=name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    found = [spoken for spoken in SPOKEN.findall(prose(page)) if A_PATH.fullmatch(spoken)]
    assert found
    for path in found:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_exists(page: Path) -> None:
    typed = shell(page)
    for target in re.findall(r"(?:^|[\s;&])make ([a-z]+)", typed):
        assert target in TARGETS, f"make {target}"
    for command in re.findall(r"\./playcaller ([a-z]+)", typed):
        assert command in COMMANDS, f"./playcaller {command}"
    for module in re.findall(r"python -m ([a-z_.]+)", typed):
        assert find_spec(module) is not None, module
    for script in re.findall(r"(?:python|sh) ([a-z]+/[\w./-]+)", typed):
        assert (ROOT / script).exists(), script


def test_the_front_page_has_the_one_command_and_the_tests() -> None:
    typed = shell(FRONT[0])
    for line in ("make demo", "make test", "make check", "./playcaller up", "./playcaller status"):
        assert line in typed, line


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_variables_of_make_are_known_to_it(page: Path) -> None:
    for line in re.findall(r"make [a-z]+ ([A-Z][A-Z= 0-9]+)", shell(page)):
        for variable in re.findall(r"([A-Z]+)=", line):
            assert f"$({variable})" in MAKEFILE, variable


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_names_from_the_code_are_spelt_as_there(page: Path) -> None:
    known = {event.type_name() for event in EVENTS}
    for metric in re.findall(r"`(playcaller_[a-z_]+)`", prose(page)):
        described = {family.name for each in metrics.CATALOGUE for family in each.describe()}
        assert re.sub("_total$", "", metric) in described, metric
    for topic in re.findall(r"`((?:device|app|registry|customer|journey)\.[a-z]+)`", prose(page)):
        assert topic in BY_NAME, topic
    for kind in re.findall(r'"type": ?"([a-z_]+)"', text_of(page)):
        assert kind in known, kind


def test_the_ports_of_the_containers_are_those_of_the_compose_file() -> None:
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    page = text_of(ROOT / "docs" / "how-to" / "containers.md")
    in_file = dict(re.findall(r"\$\{(\w+_PORT):-(\d+)\}", compose))
    assert set(re.findall(r"[A-Z_]+_PORT", page)) == set(in_file)
    assert {
        "8081",
        "8082",
        "8083",
        "8084",
        "8085",
        "8883",
        "8885",
        "8886",
        "8025",
    } <= set(in_file.values())
    assert yaml.safe_load(compose)["name"] == "playcaller"


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(text_of(index))}
    for page in PAGES:
        inside = page.is_relative_to(ROOT / "docs") and page != index
        if inside and page.parent.name != "decisions":
            assert page in linked, name(page)


def test_decisions_have_each_a_number_and_say_context_choice_cost() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [page.name[:5] for page in pages]
    assert len(set(numbers)) == len(numbers), numbers
    for page in pages:
        assert re.match(r"\d{4}-", page.name), page.name
        text = text_of(page)
        assert re.match(rf"# {page.name[:4]}: \S", text), page.name
        for part in ("Context", "Choice", "Cost"):
            assert f"\n## {part}\n" in text, f"{page.name}: {part}"
