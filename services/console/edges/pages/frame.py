"""Templates: the environment they are rendered in, and what they can call."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.environment import TemplateModule
from markupsafe import Markup, escape
from typing_extensions import override

from services.console.domain.pages import spans
from services.console.domain.pages.looks import Looks
from services.console.domain.pages.tickets.fault import in_words
from services.console.edges.pages.statics import Statics
from services.console.edges.pages.words import Words

_CELL = re.compile(r"<t[dh](?=[ >])")
FOLDER = Path(__file__).parent
TEMPLATES = sorted(FOLDER.rglob("*.html"))  # beside their pages, named without their folders
MEDIA = "text/html; charset=utf-8"
# nothing inline and nothing from elsewhere: what is typed into a form cannot become a script
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the style sheet's own arrows and ticks
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # without one a browser sends our own forms from `null`
}


class _Imported(Template):
    """A template of macros, made once for all that one look imports: they need to know its `view` alone."""

    @override
    def make_module(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> TemplateModule:
        view = (vars or {}).get("view")
        kept: dict[str | None, TemplateModule] = getattr(view, "imported", {})
        module = kept.get(self.name)
        if module is None:
            module = kept[self.name] = super().make_module({"view": view})
        return module


class Frame:
    """All templates, with words, files and macros."""

    def __init__(self, statics: Statics, words: Words) -> None:
        self.words = words
        self.environment = Environment(
            loader=FileSystemLoader(sorted({path.parent for path in TEMPLATES})),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.template_class = _Imported
        self.environment.globals |= {
            "t": words,
            "static": statics.address,
            "icon": self._icon,
            "pressed": pressed,
        }
        self.environment.filters |= {
            "span": self.span, "iso": iso, "slug": slug, "clock": clock, "exact": exact, "minute": minute, "there": there, "ago": self.ago,
            "labelled": labelled, "in_words": in_words,
        }  # fmt: skip
        self._icons = statics.address("icons.svg")

    def render(self, template: str, **values: Any) -> str:
        """The HTML of a template. Raises jinja2.UndefinedError: a value is missing."""
        return self.environment.get_template(template).render(values)

    def span(self, span: timedelta | float) -> str:
        """`2 h` for a span, or for seconds."""
        whole = span if isinstance(span, timedelta) else timedelta(seconds=span)
        count, unit = spans.reads(whole)
        return self.words(f"spans.{unit}", n=count)

    def ago(self, at: datetime, now: datetime) -> str:
        """`2 h ago`, or `in 3 d`."""
        key = "spans.ago" if at <= now else "spans.ahead"
        return self.words(key, span=self.span(now - at))

    def _icon(self, name: str, label: str = "") -> Markup:
        """An icon; with a label it says something by itself, else it stands beside words."""
        says = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        shape = f'<use href="{self._icons}#{escape(name)}"/>'
        return Markup(f'<svg class="icon" {says}>{shape}</svg>')  # noqa: S704 - escaped here


def pressed(key: str) -> Markup:
    """What stands in the tag of whatever a single key presses (static/keys.js); empty: none does.

    >>> str(pressed("e"))
    ' data-key="e" aria-keyshortcuts="E"'
    """
    said = f' data-key="{escape(key)}" aria-keyshortcuts="{escape(key.upper())}"' if key else ""
    return Markup(said)  # noqa: S704 - escaped here


def iso(at: datetime) -> str:
    """A moment as machines read it."""
    return at.isoformat().replace("+00:00", "Z")


def clock(at: datetime, seen: Looks) -> str:
    """The time of day, in the viewer's zone."""
    return f"{at.astimezone(seen.tz):%H:%M}"


def exact(at: datetime, seen: Looks) -> str:
    """Day and time with its zone, as the viewer's clock shows it."""
    local = at.astimezone(seen.tz)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S %Z}"


def minute(at: datetime, seen: Looks) -> str:
    """Day and time of what is agreed on, as the viewer's clock shows it."""
    local = at.astimezone(seen.tz)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def there(at: datetime, zone: str) -> str:
    """The time where the customer lives."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M %Z}"


def labelled(cells: str, heads: Sequence[tuple[str, str]]) -> Markup:
    """The cells of a row, each with its column's word: where it is narrow they stand in lines.

    >>> labelled("<td>1</td><td>2</td>", [("A", ""), ("B", "number")])
    Markup('<td data-label="A">1</td><td data-label="B">2</td>')
    """
    words = iter(heads)

    def named(match: re.Match[str]) -> str:
        says, _ = next(words, ("", ""))
        return f'{match[0]} data-label="{escape(says)}"'

    return Markup(_CELL.sub(named, cells))  # noqa: S704 - a row of a template of ours


def slug(text: str) -> str:
    """A text as an element's id.

    >>> slug("Home Camera 2, EU")
    'home-camera-2-eu'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
