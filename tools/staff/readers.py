"""Customers read their mails: they look into the catcher and press what they would have pressed by now."""

import asyncio
import contextlib
import heapq
import os
import re
from datetime import datetime
from pathlib import Path
from typing import assert_never

import httpx

from tools.local.patient import Patient
from tools.staff.habits import Act, act_on

REST_S = 0.5  # between two looks
TIME = re.compile(r'name="at" value="([0-9]+)"')
AGREED = 'class="when"'  # a time is on the page
AT_ONCE = 200  # of one look, so that the clock of the customers is read again


class Readers:
    """All of them, until somebody calls `close`.

    Attributes:
        clicked, left: how often they opened a link, and left a topic.
        booked: how often they chose a time for a call.
        replied: to how many mails.
    """

    def __init__(self, mails: Path, journey: str, mailbox: httpx.Auth | None = None) -> None:
        """Args: mails: the catcher's folder; journey: its address; mailbox: as which replies are told of."""
        self._mails = mails
        self._mailbox = mailbox or httpx.Auth()
        self._http = httpx.AsyncClient(
            base_url=journey, trust_env=False, timeout=30, transport=Patient()
        )
        self._read: set[str] = set()
        self._ahead: list[Act] = []
        self.clicked = 0
        self.left = 0
        self.booked = 0
        self.replied = 0

    async def work(self) -> None:
        """Look and press, again and again."""
        while True:
            with contextlib.suppress(httpx.HTTPError):  # who is away is asked again
                await self.look(await self._now())
            await asyncio.sleep(REST_S)

    async def look(self, now: datetime) -> None:
        """Read what has come, and do what is due by now."""
        for act in await asyncio.to_thread(self._new):
            heapq.heappush(self._ahead, act)
        for _ in range(AT_ONCE):
            if not self._ahead or self._ahead[0].at > now:
                return
            act = heapq.heappop(self._ahead)
            await self._do(act)

    async def _do(self, act: Act) -> None:
        match act.does:
            case "opens":
                await self._http.get(act.url)
                self.clicked += 1
            case "leaves":
                await self._http.post(act.url, data={"List-Unsubscribe": "One-Click"})
                self.left += 1
            case "replies":
                told = {"message": act.url}
                await self._http.post("/v1/replies", json=told, auth=self._mailbox)
                self.replied += 1
            case "books" | "moves":
                await self._choose(act)
            case "cancels":
                await self._http.post(f"{act.url}/cancel")
            case never:
                assert_never(never)

    async def _choose(self, act: Act) -> None:
        """One of the times that the page shows now; who has one already chooses none by an old mail."""
        page = (await self._http.get(act.url)).text
        if (AGREED in page) != (act.does == "moves"):
            return
        times = TIME.findall(page)
        if times:
            at = times[int(act.taste * len(times))]
            answer = await self._http.post(act.url, data={"at": at})
            self.booked += answer.status_code == httpx.codes.SEE_OTHER

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _new(self) -> list[Act]:
        # why not Path: a name is enough, and there are thousands, twice a second
        there = os.listdir(self._mails) if self._mails.exists() else []  # noqa: PTH208
        new = sorted({name for name in there if name.endswith(".eml")} - self._read)
        self._read.update(new)
        acts = [act_on((self._mails / name).read_bytes()) for name in new]
        return [act for act in acts if act is not None]

    async def _now(self) -> datetime:
        """The time the customers live in."""
        answer = await self._http.get("/readyz")  # 503 tells it as well
        return datetime.fromisoformat(answer.json()["facts"]["now"])
