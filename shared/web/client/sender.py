"""Sends requests to their end: whoever asked may go away, the request does not stop in the middle.

A page cancels what comes too late for it. What is not waited for any more ends by its own limits, and its
connection serves the next one.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from yarl import URL

CONNECT_S = 1.0  # our services stand near; a second try is worth more than a long wait
LONGER_S = 30.0  # past its time, before what only trickles in is cut off after all
REUSED_S = 4.0  # an idle connection; services of ours close theirs after five seconds
NOT_SAID = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")  # but by whoever asks
_PLAIN: Final = re.compile(r"[\t\x20-\x7e]*")  # no header ends where it should not


class NoAnswer(ConnectionError):
    """Nobody knows what became of a request."""


class NotReached(NoAnswer):
    """The request never left."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Sender:
    """Requests to one service, and those that nobody waits for any more."""

    def __init__(self, trusted: ssl.SSLContext, at_once: int) -> None:
        """A sender that has sent nothing yet.

        Args:
            trusted: checks the services' certificates.
            at_once: requests; a service that is silent keeps those to it, and nobody else's.
        """
        self._trusted = trusted
        self._free = asyncio.Semaphore(at_once)
        self._under_way: set[asyncio.Task[Heard]] = set()
        self._kept: aiohttp.ClientSession | None = None

    async def send(
        self,
        method: str,
        url: str,
        until_s: float,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> Heard:
        """The answer.

        Args:
            until_s: the moment, of the loop's clock, after which nobody waits.
            params: of the query; of a list each.
        Raises: NoAnswer; TimeoutError: nothing came in time.
        """
        said = dict(headers or {})
        if not all(map(_PLAIN.fullmatch, said.values())):
            raise NotReached("what would be sent is no text for a header")
        async with asyncio.timeout_at(until_s):
            await self._free.acquire()
        target = URL(url + (f"?{_query(params)}" if params else ""), encoded=True)
        sent = asyncio.create_task(self._heard(method, target, until_s, said, content))
        self._under_way.add(sent)
        sent.add_done_callback(self._end)
        left_s = max(0.0, until_s - asyncio.get_running_loop().time())
        done, _ = await asyncio.wait({sent}, timeout=left_s)
        if not done:
            raise TimeoutError
        return sent.result()

    async def _heard(
        self,
        method: str,
        url: URL,
        until_s: float,
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> Heard:
        body = None if content is None else BytesIO(content)  # of which it sends a part at a time
        try:
            async with asyncio.timeout_at(until_s) as limit:
                async with self._session().request(
                    method, url, headers=headers, data=body, allow_redirects=False
                ) as answer:
                    limit.reschedule(until_s + LONGER_S)
                    names = {name.lower(): text for name, text in answer.headers.items()}
                    return Heard(answer.status, names, await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotReached(type(error).__name__) from None
        except aiohttp.ClientError as error:
            raise NoAnswer(type(error).__name__) from None

    def _session(self) -> aiohttp.ClientSession:
        """Where the connections are kept; it belongs to the loop that runs."""
        if self._kept is None:
            self._kept = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, ssl=self._trusted, keepalive_timeout=REUSED_S
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=NOT_SAID,
                auto_decompress=False,
            )
            # why: `Peer` knows what may be sent again; a DELETE that was done would be none the second time
            self._kept._retry_connection = False  # noqa: SLF001 - it has no public name
        return self._kept

    def _end(self, sent: asyncio.Task[Heard]) -> None:
        self._free.release()
        self._under_way.discard(sent)
        if not sent.cancelled():
            sent.exception()  # seen: nobody may be there to see it

    async def close(self) -> None:
        """End what is under way."""
        for sent in tuple(self._under_way):
            sent.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._kept is not None:
            await self._kept.close()


def _query(params: Mapping[str, Any]) -> str:
    """As services read it.

    >>> _query({"text": "a b", "only": ["t-1", "t-2"], "late": True})
    'text=a+b&only=t-1&only=t-2&late=true'
    """
    said = {name: str(v).lower() if isinstance(v, bool) else v for name, v in params.items()}
    return urlencode(said, doseq=True)
