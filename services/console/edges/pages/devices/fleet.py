"""Models and firmware that there are, to choose from; without the service that knows them: none."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from services.console.edges.pages import panels
from services.console.edges.pages.view import View
from services.console.edges.services.ingest import Kind


@dataclass(frozen=True)
class Fleet:
    """What can be chosen from: values with their words."""

    models: Sequence[tuple[str, str]]
    firmware: Sequence[tuple[str, str]]


async def fleet(view: View, kind: Kind = "device") -> Fleet:
    """Those that are registered or told, and whatever the address asks for."""
    known, asked = await panels.in_time(view.ask.ingest.models(kind), ()), view.request.query_params
    models = {model.model for model in known if model.model} | {asked.get("model", "")}
    firmware = {model.firmware for model in known if model.firmware} | {asked.get("firmware", "")}
    return Fleet(_options(models), _options(firmware))


def _options(values: Set[str]) -> Sequence[tuple[str, str]]:
    return [(value, value) for value in sorted(values) if value]
