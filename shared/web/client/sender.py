"""Sends requests to their end: whoever asked may go away, the request does not stop in the middle.

A request that is cancelled while it waits for its connection can leave that connection behind: neither
idle nor closed, and never given out again (httpx 0.28 with httpcore 1.0). A page cancels what comes too
late for it, so one slow minute would take all connections, and after it nobody would be answered until a
restart. What is not waited for any more therefore ends by its own limits.
"""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import httpx

# httpcore asks several times a request whether sniffio is there, and where it is not, all folders of
# packages are searched for it each time: a tenth of what a page costs. None: it is not, said at once.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

CONNECT_S = 1.0  # our services stand near; a second try is worth more than a long wait
LONGER_S = 30.0  # past its time, before what only trickles in is cut off after all


class Sender:
    """Requests to one service, and those that nobody waits for any more."""

    def __init__(self, http: httpx.AsyncClient, at_once: int) -> None:
        """A sender that has sent nothing yet.

        Args:
            http: has a connection for every request: none waits in it.
            at_once: requests; a service that is silent keeps those to it, and nobody else's.
        """
        self._http = http
        self._free = asyncio.Semaphore(at_once)
        self._under_way: set[asyncio.Task[httpx.Response]] = set()

    async def send(self, method: str, url: str, until_s: float, **parts: Any) -> httpx.Response:
        """The answer.

        Args:
            until_s: the moment, of the loop's clock, after which nobody waits.
            parts: what `httpx.AsyncClient.request` takes besides.
        Raises: httpx.HTTPError; TimeoutError: nothing came in time.
        """
        async with asyncio.timeout_at(until_s):
            await self._free.acquire()
        left_s = max(0.0, until_s - asyncio.get_running_loop().time())
        sent = asyncio.create_task(self._whole(method, url, left_s, parts))
        self._under_way.add(sent)
        sent.add_done_callback(self._end)
        done, _ = await asyncio.wait({sent}, timeout=left_s)
        if not done:
            raise TimeoutError
        return sent.result()

    async def _whole(
        self, method: str, url: str, left_s: float, parts: Mapping[str, Any]
    ) -> httpx.Response:
        limits = httpx.Timeout(left_s, connect=min(CONNECT_S, left_s))
        async with asyncio.timeout(left_s + LONGER_S):
            return await self._http.request(method, url, timeout=limits, **parts)

    def _end(self, sent: "asyncio.Task[httpx.Response]") -> None:
        self._free.release()
        self._under_way.discard(sent)
        if not sent.cancelled():
            sent.exception()  # seen: nobody may be there to see it

    async def close(self) -> None:
        """End what is under way."""
        for sent in tuple(self._under_way):
            sent.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
