"""The generated reference pages are current and name everything."""

from pathlib import Path

import pytest

from services.ingest.domain.rejects.reasons import REASONS
from shared import metrics
from shared.events import APP_EVENTS, DEVICE_EVENTS, NEWS
from shared.events.topics import TOPICS
from shared.settings import SERVICES
from shared.variables import variables
from tests.apis import described
from tools.reference import events, http, pages
from tools.reference.__main__ import PAGES

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
AGAIN = "run `python -m tools.reference` and commit the result"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == PAGES[name](), AGAIN


def test_every_event_a_person_may_meet_has_its_part() -> None:
    text = events.events()

    for event in (*DEVICE_EVENTS, *APP_EVENTS, *NEWS):
        assert f"### `{event.type_name()}`\n" in text


def test_every_topic_and_reason_has_its_line() -> None:
    assert all(f"| `{topic.name}` |" in events.topics() for topic in TOPICS)
    assert all(f"| `{reason}` |" in events.rejects() for reason in REASONS)


def test_every_setting_has_a_meaning_and_its_line() -> None:
    text = pages.settings()

    for cls in pages.CLASSES.values():
        for variable in variables(cls):
            assert variable.meaning.endswith("."), variable.name
            assert f"| `{variable.name}` |" in text


def test_every_metric_has_its_line() -> None:
    text = pages.metrics_page()

    assert text.count("| `playcaller_") == len(metrics.CATALOGUE)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_has_its_line(service: str) -> None:
    text = http.http()

    for path, operations in described(service)["paths"].items():
        for method in operations:
            assert f"| `{method.upper()} {path}` |" in text
