"""Refused bytes may hold personal data: who reads them is audited."""

from collections.abc import Mapping
from typing import Any

from services.ingest.handlers.ports import Unit


async def read_reject(unit: Unit, id_: str) -> Mapping[str, Any]:
    """One reject with its bytes. Raises NotFound."""
    reject = await unit.store.reader.reject(id_)
    unit.audit("reject.read", "reject", id_)
    return reject
