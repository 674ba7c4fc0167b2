"""Journey: a play's life, from a draft to its retirement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import NOBODY
from services.console.edges.services.client import Client
from services.console.edges.services.journey.plays import Play
from shared.web.client.answered import Refused

Act = Literal["pause", "resume", "retire", "roll-back"]
DraftAct = Literal["ask", "approve", "return", "publish"]


class Version(msgspec.Struct, frozen=True):
    """A version of a play; `published_by` None: the folder."""

    version: int
    published_at: datetime
    source: Literal["folder", "draft", "rollback"]
    restores: int | None
    authors: list[str]
    approved_by: str | None
    published_by: str | None


class WholePlay(Play, frozen=True, kw_only=True):
    """A play with what it says and what it was before."""

    files: dict[str, str]
    versions: list[Version]


class Mistake(msgspec.Struct, frozen=True):
    """Something that is wrong with a play as it is written."""

    file: str
    line: int
    field: str
    what: str


class Draft(msgspec.Struct, frozen=True):
    """What a play is to become."""

    play: str
    state: Literal["draft", "asked", "approved"]
    files: dict[str, str]
    authors: list[str]
    based_on: int
    changed_at: datetime
    rehearsed_at: datetime | None
    approved_by: str | None
    problems: list[Mistake]


class Standing(msgspec.Struct, frozen=True):
    """What becomes of the runs that stand at a step."""

    step: str
    runs: int
    becomes: Literal["stays", "goes on", "ends"]
    to: str | None


class Unreached(msgspec.Struct, frozen=True):
    """A step that runs under way never come to."""

    step: str
    runs: int
    behind: list[str]


class Preview(msgspec.Struct, frozen=True):
    """What publishing would mean for the runs under way."""

    standing: list[Standing]
    unreached: list[Unreached]


class Lives(Client):
    """What pages ask journey about the lives of plays."""

    async def whole(self, play: str) -> WholePlay | None:
        """What does it say, and what was it before? None: there is no such play."""
        return await self._known(WholePlay, "/v1/plays/{}", play)

    async def draft(self, play: str) -> tuple[Draft | None, str]:
        """What is it to become, and the draft's ETag? None: there is no draft."""
        try:
            return await self._tagged(Draft, "/v1/plays/{}/draft", play)
        except Refused as error:
            if error.status in NOBODY:
                return None, ""
            raise

    async def preview(self, play: str) -> Preview | None:
        """What would become of the runs under way? None: it has mistakes."""
        return await self._known(Preview, "/v1/plays/{}/draft/preview", play)

    async def check(self, play: str, files: Mapping[str, str]) -> list[Mistake]:
        """What is wrong with it as it is written?"""
        answer = await self._post("/v1/plays/check", body={"play": play, "files": files})
        return answer.read(list[Mistake])

    async def write(self, play: str, files: Mapping[str, str], seen: str | None) -> None:
        """The draft is this, as it was `seen`."""
        await self._send("PUT", "/v1/plays/{}/draft", play, body={"files": files}, if_match=seen)

    async def drop(self, play: str, seen: str | None) -> None:
        """There is no draft any more."""
        await self._send("DELETE", "/v1/plays/{}/draft", play, if_match=seen)

    async def move(
        self, play: str, act: DraftAct, body: Mapping[str, object] | None, seen: str | None
    ) -> None:
        """Take the draft one step further, as it was `seen`."""
        await self._post(f"/v1/plays/{{}}/draft/{act}", play, body=body, if_match=seen)

    async def act(self, play: str, act: Act, body: Mapping[str, object] | None) -> None:
        """Pause it, let it go on, retire it, or go back to an earlier version."""
        await self._post(f"/v1/plays/{{}}/{act}", play, body=body)
