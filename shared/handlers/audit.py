"""Whoever takes something away leaves a row: of the audit itself, of what is held of a customer."""

from typing import Any

from shared.audited import entry
from shared.db import audit
from shared.db.audit import Head
from shared.stream.transaction import Transaction
from shared.web.who import Who


async def take_away(tx: Transaction, who: Who, asked: dict[str, Any]) -> Head:
    """Somebody takes the audit away, as it stands at this moment; they are its next row."""
    until = await audit.head(tx.connection)
    tx.audit(entry(who, "audit.export", "audit", tx.service, after={"filter": asked}))
    return until


def note_export(tx: Transaction, who: Who, customer: str) -> None:
    """Somebody has read all that this service holds of a customer."""
    tx.audit(entry(who, "personal.read", "customer", customer))
