"""A service as one page asks it: what two panels want to know is asked once.

A page is made of panels that know nothing of each other, so several put the same question in the same
moment. The second waits for the answer of the first. Whatever is sent that may change something makes
all of it unknown again. Nothing lasts longer than the request that the page answers.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from shared.web.client.answered import Answer
from shared.web.client.client import Method, Peer

Question = tuple[object, ...]
MOST = 64  # answers that are kept: a file of 100,000 lines asks for one page after the other


class _Asked:
    """A question that is out or answered, and how many wait for it."""

    def __init__(self, answer: "asyncio.Task[Answer]") -> None:
        self.answer = answer
        self.waiting = 0


class AskedOnce(Peer):
    """A service, for the length of one request."""

    def __init__(self, peer: Peer) -> None:
        self.name = peer.name
        self._peer = peer
        self._asked: dict[Question, _Asked] = {}

    @override
    async def get(
        self,
        path: str,
        *names: str,
        bearer: str | None = None,
        params: Mapping[str, Any] | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """Read; a question that is out already is not put again."""
        wanted = sorted((name, repr(value)) for name, value in (params or {}).items())
        question = (path, names, bearer, deadline_s, *wanted)
        asked = self._asked.get(question)
        if asked is None:
            if len(self._asked) == MOST:
                self._asked.clear()
            asked = self._asked[question] = _Asked(
                asyncio.create_task(
                    self._peer.get(
                        path, *names, bearer=bearer, params=params, deadline_s=deadline_s
                    )
                )
            )
        return await self._awaited(question, asked)

    async def _awaited(self, question: Question, asked: _Asked) -> Answer:
        """Its answer; when the last of those that wait goes away, nobody asks any more."""
        asked.waiting += 1
        try:
            return await asyncio.shield(asked.answer)
        except asyncio.CancelledError:
            if asked.waiting == 1 and not asked.answer.done():
                asked.answer.cancel()
                self._asked.pop(question, None)
            raise
        finally:
            asked.waiting -= 1

    @override
    async def ready(self) -> Answer:
        """What `/readyz` says now."""
        return await self._peer.ready()

    @override
    async def send(
        self,
        method: Method,
        path: str,
        *names: str,
        body: object = None,
        bearer: str | None = None,
        params: Mapping[str, Any] | None = None,
        key: str | None = None,
        if_match: str | None = None,
        csv: bytes | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """Ask; what was known before is asked anew after it."""
        try:
            return await self._peer.send(
                method, path, *names, body=body, bearer=bearer, params=params, key=key,
                if_match=if_match, csv=csv, deadline_s=deadline_s,
            )  # fmt: skip
        finally:
            self._asked.clear()
