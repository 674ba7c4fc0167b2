"""What every client of a service is: its routes, asked with one person's token."""

from collections.abc import Mapping
from typing import Any, TypedDict, TypeVar

from typing_extensions import Unpack

from services.console.edges.services.answers import NOBODY
from shared.web.client.answered import Answer, Refused
from shared.web.client.client import Method, Peer

T = TypeVar("T")


class _Asked(TypedDict, total=False):
    """What a wish may say beside its path; see `Peer.send`."""

    body: object
    params: Mapping[str, Any] | None
    key: str | None
    if_match: str | None
    csv: bytes
    deadline_s: float


class Client:
    """One service, or a part of it. Arguments and errors are those of `Peer.send`."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def _read(
        self,
        kind: type[T],
        path: str,
        *names: str,
        params: Mapping[str, Any] | None = None,
        deadline_s: float | None = None,
    ) -> T:
        """The answer as `kind`."""
        return (await self._get(path, *names, params=params, deadline_s=deadline_s)).read(kind)

    async def _known(
        self, kind: type[T], path: str, *names: str, params: Mapping[str, Any] | None = None
    ) -> T | None:
        """The answer as `kind`; None: there is nothing of this id."""
        try:
            return await self._read(kind, path, *names, params=params)
        except Refused as error:
            if error.status in NOBODY:
                return None
            raise

    async def _tagged(self, kind: type[T], path: str, *names: str) -> tuple[T, str]:
        """The answer as `kind`, and its ETag; empty: it has none."""
        answer = await self._get(path, *names)
        return answer.read(kind), answer.etag or ""

    async def _get(
        self,
        path: str,
        *names: str,
        params: Mapping[str, Any] | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        return await self._peer.get(
            path, *names, bearer=self._bearer, params=params, deadline_s=deadline_s
        )

    async def _post(self, path: str, *names: str, **asked: Unpack[_Asked]) -> Answer:
        return await self._send("POST", path, *names, **asked)

    async def _send(
        self, method: Method, path: str, *names: str, **asked: Unpack[_Asked]
    ) -> Answer:
        return await self._peer.send(method, path, *names, bearer=self._bearer, **asked)
