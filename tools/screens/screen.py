"""The one way to a terminal: whatever a text holds, the terminal shows it and obeys none of it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text
from typing_extensions import override

from shared.visible import escaped


class Screen(Console):
    """A console without pictures for `:words:`, whose texts are escaped line by line.

    Line ends are ours: what came from elsewhere goes through `shown` first, where a line end is one
    of the characters to be escaped.
    """

    def __init__(self, **options: Any) -> None:  # those of rich
        super().__init__(highlight=False, emoji=False, **options)

    @override
    def render_str(self, text: str, **rest: Any) -> Text:
        """Every text that is printed, cells of tables too."""
        return super().render_str("\n".join(map(escaped, text.split("\n"))), **rest)


def shown(value: Any) -> Any:  # JSON
    r"""An answer of a service with every text in it escaped, names of fields too.

    >>> shown({"name": "Ann\nrisk  none", "days": [{"uses": 1}]})
    {'name': 'Ann\\u000arisk  none', 'days': [{'uses': 1}]}
    """
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, Mapping):
        return {escaped(str(name)): shown(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value


def cell(value: object) -> str:
    r"""A value among markup of ours: square brackets in it mean nothing.

    >>> cell("[red]x[/]")
    '\\[red]x\\[/]'
    """
    return escape(str(value))
