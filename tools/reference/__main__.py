"""`python -m tools.reference` writes every generated file under docs/reference."""

from shared.events import schema
from tools.reference import events, http, pages, personal, rights

PAGES = {
    "settings.md": pages.settings,
    "metrics.md": pages.metrics_page,
    "events.md": events.events,
    "topics.md": events.topics,
    "rejects.md": events.rejects,
    "http.md": http.http,
    "rights.md": rights.rights,
    "personal-data.md": personal.personal,
}

if __name__ == "__main__":
    schema.write()
    for name, page in PAGES.items():
        (schema.FOLDER / name).write_text(page(), encoding="utf-8")
