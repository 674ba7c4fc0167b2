"""`python -m tools.reference` writes every generated file under docs/reference."""

from shared.events import schema
from tools.reference import pages

if __name__ == "__main__":
    schema.write()
    (schema.FOLDER / "settings.md").write_text(pages.settings(), encoding="utf-8")
    (schema.FOLDER / "metrics.md").write_text(pages.metrics_page(), encoding="utf-8")
