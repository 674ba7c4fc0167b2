"""What the audit says of changes of the registry: a row for every source that did change."""

from typing import Any

from services.ingest.domain.source import Source
from services.ingest.edges.api.ports import Changing
from services.ingest.handlers.change_registry import Outcome
from shared.audited import difference, entry
from shared.web.who import Who


def audit(tx: Changing, who: Who, verb: str, done: Outcome) -> None:
    """Write the rows when the transaction commits; `verb` is `claim`, `retire` and the like."""
    for id_ in sorted(done.changed):
        source = done.sources[id_]
        name, known = f"{source.kind}.{verb}", done.before.get(id_)
        if known is None:
            tx.audit(entry(who, name, source.kind, id_, after=_shown(source)))
            continue
        was, became = difference(_shown(known), _shown(source))
        tx.audit(entry(who, name, source.kind, id_, before=was, after=became))


def _shown(source: Source) -> dict[str, Any]:
    return {
        "model": source.model,
        "firmware": source.firmware,
        "battery": source.battery,
        "status": source.status,
        "customer": source.owner,
    }
