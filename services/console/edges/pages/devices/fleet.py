"""Models and firmware that there are, to choose from; without the service that knows them: none."""

import asyncio
from collections.abc import Awaitable, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

from services.console.edges.pages import panels
from services.console.edges.pages.view import View
from services.console.edges.services.ingest import Kind
from shared.web.client.answered import Away, Refused

T = TypeVar("T")


@dataclass(frozen=True)
class Fleet:
    """What can be chosen from: values with their words."""

    models: Sequence[tuple[str, str]]
    firmware: Sequence[tuple[str, str]]


async def fleet(view: View, kind: Kind = "device") -> Fleet:
    """Those that are registered or told, and whatever the address asks for."""
    known, asked = await in_time(view.ask.ingest.models(kind), ()), view.request.query_params
    models = {model.model for model in known if model.model} | {asked.get("model", "")}
    firmware = {model.firmware for model in known if model.firmware} | {asked.get("firmware", "")}
    return Fleet(_options(models), _options(firmware))


def _options(values: Set[str]) -> Sequence[tuple[str, str]]:
    return [(value, value) for value in sorted(values) if value]


async def in_time(asked: Awaitable[T], otherwise: T) -> T:
    """What comes within a moment: a page does not wait for what is only beside its matter."""
    try:
        async with asyncio.timeout(panels.PATIENCE_S):
            return await asked
    except (Away, Refused, TimeoutError):
        return otherwise
