"""Plays and their versions: what was published, by whom, and how it stands now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import play, play_version, run
from shared.db import rows

# whoever changes plays waits for the units that go by them, and the next wait for it
_HOLD = text("SELECT pg_advisory_xact_lock(7010)")
_USE = text("SELECT pg_advisory_xact_lock_shared(7010)")
_FOLDER = text(
    """SELECT DISTINCT ON (play) play, checksum FROM play_version WHERE source = 'folder'
    ORDER BY play, version DESC"""
)
_SHOWN = select(play, play_version.c.published_by).join(
    play_version,
    (play_version.c.play == play.c.name) & (play_version.c.version == play.c.version),
)


class Published(NamedTuple):
    """A play as it was published last; folder: the checksum it had in the folder last."""

    version: int
    state: str
    checksum: str
    source: str
    changed_by: str | None
    revision: int
    under_way: str
    folder: str | None
    changed_at: datetime


class Played(NamedTuple):
    """A play with the versions that runs may go by."""

    version: int
    state: str
    under_way: str
    versions: list[Any]


class Plays:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def generation(self) -> int:
        """Another number: something has changed since. Nobody changes plays until we are done."""
        await self._connection.execute(_USE)
        query = select(func.coalesce(func.sum(play.c.revision + play.c.version), 0))
        generation: int = (await self._connection.execute(query)).scalar_one()
        return generation

    async def played(self) -> dict[str, Played]:
        """All plays by name, each with its newest version, and where runs are pinned with all."""
        heads = (await self._connection.execute(select(play).order_by(play.c.name))).all()
        plays = {row.name: Played(row.version, row.state, row.under_way, []) for row in heads}
        query = (
            select(play_version)
            .join(play, play.c.name == play_version.c.play)
            .where((play_version.c.version == play.c.version) | (play.c.under_way == "pin"))
            .order_by(play_version.c.play, play_version.c.version)
        )
        for row in await self._connection.execute(query):
            plays[row.play].versions.append(row)
        return plays

    async def hold(self) -> dict[str, Published]:
        """All plays there ever were, while nobody else changes them or goes by them."""
        await self._connection.execute(_HOLD)
        folder = {row.play: row.checksum for row in await self._connection.execute(_FOLDER)}
        shown = play_version.c.checksum, play_version.c.source
        query = select(play, *shown).join(
            play_version,
            (play_version.c.play == play.c.name) & (play_version.c.version == play.c.version),
        )
        return {
            row.name: Published(
                row.version, row.state, row.checksum, row.source, row.changed_by, row.revision,
                row.under_way, folder.get(row.name), row.changed_at,
            )
            for row in await self._connection.execute(query)
        }  # fmt: skip

    async def publish(self, name: str, version: Mapping[str, Any], head: Mapping[str, Any]) -> None:
        """Write a new version, which is the play from now on."""
        await rows.upsert(self._connection, play, [{"name": name, **head}])
        await rows.insert_new(self._connection, play_version, [{"play": name, **version}])

    async def keep_files(self, name: str, version: int, files: Mapping[str, str]) -> None:
        """Keep the files of a version that a release without them has published."""
        await self._connection.execute(
            update(play_version)
            .where(
                play_version.c.play == name,
                play_version.c.version == version,
                play_version.c.files.is_(None),
            )
            .values(files=dict(files))
        )

    async def change(self, name: str, written: Mapping[str, Any]) -> None:
        """Write how a play stands."""
        await self._connection.execute(
            update(play).where(play.c.name == name).values(**written, revision=play.c.revision + 1)
        )

    async def version(self, name: str, number: int) -> Any | None:
        """One version."""
        query = select(play_version).where(
            play_version.c.play == name, play_version.c.version == number
        )
        return (await self._connection.execute(query)).one_or_none()

    async def versions(self, name: str) -> Sequence[Any]:
        """All versions of a play, the newest first."""
        query = select(play_version).where(play_version.c.play == name)
        return (await self._connection.execute(query.order_by(play_version.c.version.desc()))).all()

    async def one(self, name: str) -> Any | None:
        """A play; None: none was ever published under this name."""
        query = _SHOWN.where(play.c.name == name)
        return (await self._connection.execute(query)).one_or_none()

    async def counts(self) -> Sequence[Any]:
        """Runs by play, state, step and ending."""
        shown = (run.c.play, run.c.state, run.c.step, run.c.ending, run.c.control)
        query = select(*shown, func.count().label("runs")).group_by(*shown)
        return (await self._connection.execute(query)).all()

    async def standing(self, name: str) -> dict[str, int]:
        """Runs of a play that are under way, by the step they stand at."""
        query = (
            select(run.c.step, func.count().label("runs"))
            .where(run.c.play == name, run.c.state.in_(("active", "parked")))
            .group_by(run.c.step)
        )
        counted = await self._connection.execute(query)
        return {row.step: row.runs for row in counted if row.step is not None}

    async def listed(self) -> Sequence[Any]:
        """All plays, by name, with who published them."""
        query = _SHOWN.order_by(play.c.name)
        return (await self._connection.execute(query)).all()
