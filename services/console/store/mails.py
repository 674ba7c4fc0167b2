"""Mails that a release before this one left in a table of their own: they become effects.

The release before may still run beside us and add some, and has those alone that are not due. The
next one drops the table, while we may still run.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.mails.mail import LINK_MAIL, NOTICE_MAIL, NOTICES

_MOVE = text(
    """WITH moved AS (DELETE FROM mail WHERE id IN
      (SELECT id FROM mail WHERE due_at <= :now FOR UPDATE SKIP LOCKED) RETURNING *)
    INSERT INTO effect (id, kind, about, payload, secret, state, planned_at, due_at, deadline_at)
    SELECT id, CASE WHEN kind = ANY(:notices) THEN :notice_mail ELSE :link_mail END, account,
      jsonb_build_object('says', kind), CASE WHEN kind = ANY(:notices) THEN NULL ELSE secret END,
      'planned', created_at, due_at, expires_at
    FROM moved ON CONFLICT (id) DO NOTHING"""
)


async def are_kept(connection: AsyncConnection) -> bool:
    """Whether their table is still there."""
    return bool(await connection.scalar(text("SELECT to_regclass('mail') IS NOT NULL")))


async def move(connection: AsyncConnection, now: datetime) -> int:
    """Make effects of those that are due, under the same ids; returns how many."""
    if not await are_kept(connection):
        return 0
    values = {"notices": list(NOTICES), "notice_mail": NOTICE_MAIL, "link_mail": LINK_MAIL}
    return int((await connection.execute(_MOVE, {**values, "now": now})).rowcount)
