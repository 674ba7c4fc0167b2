"""What the audit says of changes of the registry: a row for every source that did change."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.ingest.domain.sources.source import Source
from services.ingest.handlers.ports import Unit
from shared.audited import difference


def changed(
    unit: Unit, verb: str, ids: Iterable[str], before: Mapping[str, Source],
    now: Mapping[str, Source],
) -> None:  # fmt: skip
    """A row for each of `ids`; `verb` is `claim`, `retire` and the like."""
    for id_ in sorted(ids):
        source, known = now[id_], before.get(id_)
        name = f"{source.kind}.{verb}"
        if known is None:
            unit.audit(name, source.kind, id_, after=_shown(source))
            continue
        was, became = difference(_shown(known), _shown(source))
        unit.audit(name, source.kind, id_, before=was, after=became)


def _shown(source: Source) -> dict[str, Any]:
    return {
        "model": source.model,
        "firmware": source.firmware,
        "battery": source.battery,
        "status": source.status,
        "customer": source.owner,
    }
