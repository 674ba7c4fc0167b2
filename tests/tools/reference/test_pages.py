"""The generated reference pages are current and name everything."""

from pathlib import Path

from shared import metrics
from shared.settings import variables
from tools.reference import pages

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
AGAIN = "run `python -m tools.reference` and commit the result"


def test_the_settings_page_is_current() -> None:
    assert (REFERENCE / "settings.md").read_text() == pages.settings(), AGAIN


def test_the_metrics_page_is_current() -> None:
    assert (REFERENCE / "metrics.md").read_text() == pages.metrics_page(), AGAIN


def test_every_setting_has_a_meaning_and_its_line() -> None:
    text = pages.settings()

    for cls in pages.CLASSES.values():
        for variable in variables(cls):
            assert variable.meaning.endswith("."), variable.name
            assert f"| `{variable.name}` |" in text


def test_every_metric_has_its_line() -> None:
    text = pages.metrics_page()

    assert text.count("| `playcaller_") == len(metrics.CATALOGUE)
