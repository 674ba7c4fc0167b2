"""Quarantined records go back through the door they came from: the handler, the ledger, the outbox."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import audit, dropped, erased, inbox, ledger, trouble
from shared.db.audit import Entry
from shared.errors import Unprocessable
from shared.events import Dropped, Erased, Event, Telemetry, codec
from shared.stream import quarantine
from shared.stream.apply import Handle, is_sequenced, sighting
from shared.stream.batch import explanation, identity_of
from shared.stream.quarantine import CONFLICT, DETAIL_CHARS
from shared.stream.record import Received
from shared.stream.transaction import Transaction

_FIND = text(
    """SELECT topic, partition, "offset", value, headers, reason, appended_at, arrival
    FROM quarantine WHERE id = :id FOR UPDATE"""
)
_VALUE = text("SELECT value FROM quarantine WHERE id = :id")
_FAILED = text(
    """UPDATE quarantine SET attempts = attempts + 1, reason = :reason, detail = :detail
    WHERE id = :id"""
)


Audited = Callable[[str, str], Entry]
"""The audit's row of a record (its id) and what became of it."""


async def replay(
    engine: AsyncEngine,
    service: str,
    handlers: Mapping[str, Handle],
    ids: Sequence[str],
    now: datetime,
    audited: Audited,
) -> dict[str, str]:
    """Put rows back through the handler: row removed, seq counted, effect applied, or none of it.

    Returns: per id `replayed`, `duplicate`, `gone`, or what failed again.
    """
    return {id_: await _replay_one(engine, service, handlers, id_, now, audited) for id_ in ids}


async def _replay_one(
    engine: AsyncEngine,
    service: str,
    handlers: Mapping[str, Handle],
    id_: str,
    now: datetime,
    audited: Audited,
) -> str:
    try:
        async with engine.begin() as connection:
            await erased.hold(connection, alone=await _is_erasure(connection, id_))
            row = (await connection.execute(_FIND, {"id": id_})).mappings().one_or_none()
            if row is None:
                return "gone"
            if row["reason"] == CONFLICT:
                return "refused: another event of this identity was applied; discard it instead"
            await quarantine.discard(connection, id_)
            outcome = await _readmit(connection, service, handlers, dict(row), now)
            await audit.record(connection, [audited(id_, outcome)])
            return outcome
    except Unprocessable as error:
        reason, detail = error.reason, error.detail
    except Exception as error:  # whatever it is, the row must stay
        if trouble.is_passing(error):
            raise
        reason, detail = type(error).__name__, str(error)
    async with engine.begin() as connection:
        await connection.execute(
            _FAILED, {"id": id_, "reason": reason, "detail": detail[:DETAIL_CHARS]}
        )
        await audit.record(connection, [audited(id_, f"failed again: {reason}")])
    return f"failed again: {reason}"


async def _is_erasure(connection: AsyncConnection, id_: str) -> bool:
    """Whether nobody else may write while this record is put back."""
    value = (await connection.execute(_VALUE, {"id": id_})).scalar_one_or_none()
    try:
        return type(codec.decode(value or b"")) is Erased
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


async def _readmit(
    connection: AsyncConnection,
    service: str,
    handlers: Mapping[str, Handle],
    row: Mapping[str, Any],
    now: datetime,
) -> str:
    """Apply one quarantined record in the caller's transaction; `replayed` or `duplicate`."""
    headers = [(name, value.encode()) for name, value in row["headers"]]
    try:
        event = codec.decode(row["value"] or b"")
    except msgspec.DecodeError as error:
        raise Unprocessable("undecodable", str(error)) from error
    id_ = identity_of(event, headers)
    if id_ is None:
        raise Unprocessable("no_identity", "no ce_source or ce_id")
    received: Received[Event] = Received(
        event, id_, row["topic"], row["partition"], row["offset"], row["appended_at"],
        row["arrival"],
    )  # fmt: skip
    if isinstance(event, Dropped):
        await dropped.explain_all(connection, [explanation(event)])
        return "replayed"
    if is_sequenced(event):
        assert isinstance(event, Telemetry)  # noqa: S101 - see is_sequenced
        new = bool((await ledger.count(connection, [sighting(event)])).new)
    else:
        new = bool(await inbox.add(connection, row["topic"], [(id_, row["arrival"])]))
    if not new:
        return "duplicate"
    tx = Transaction(connection, service, now)
    await handlers[row["topic"]](tx, [received])
    await tx.flush()
    return "replayed"
