"""A client that looks into the audit after every request it sends."""

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

ADDRESS = "203.0.113.9"
VERBS = ("post", "put", "patch", "delete")

_NEW = text("SELECT * FROM audit WHERE n > :n ORDER BY n")
_HEAD = text("SELECT coalesce(max(n), 0) FROM audit")


def changing(app: FastAPI) -> set[str]:
    """All routes that may change something, as `POST /v1/devices`."""
    return {
        f"{verb.upper()} {path}"
        for path, verbs in app.openapi()["paths"].items()
        for verb in verbs
        if verb in VERBS
    }


class Witness:
    """Asks, and holds the audit against the answer.

    Attributes:
        seen: routes that have changed something and left their row.
    """

    def __init__(self, app: FastAPI, engine: AsyncEngine, base_url="http://x", **headers) -> None:
        self.engine = engine
        self.seen: set[str] = set()
        transport = ASGITransport(app, raise_app_exceptions=False, client=(ADDRESS, 5000))
        self.http = AsyncClient(transport=transport, base_url=base_url, headers=headers)

    async def head(self) -> int:
        async with self.engine.connect() as connection:
            return int((await connection.execute(_HEAD)).scalar_one())

    async def since(self, n: int) -> list[dict]:
        async with self.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(_NEW, {"n": n})).mappings()]

    async def did(
        self, route: str, action: str, kind: str, *, of=None, who="account:test", path=None, **sent
    ) -> Response:
        """Send what will succeed: rows name the caller, the address, the request and the thing.

        Args:
            of: id of the thing; left out: the one in the path, or `id` of the answer.
            path: values for the braces of the route.
        """
        before = await self.head()
        answer = await self._send(route, path, sent)
        assert not answer.is_error, f"{route}: {answer.status_code} {answer.text}"
        rows = await self.since(before)
        assert rows, f"{route} left no row"
        for row in rows:
            assert (row["who"], row["address"]) == (who, ADDRESS), route
            assert row["request"] == answer.headers["x-request-id"], route
        thing = of or next(iter((path or {}).values()), None) or answer.json()["id"]
        said = {(row["action"], row["kind"], row["id"]) for row in rows}
        assert (action, kind, thing) in said, f"{route}: {said}"
        self.seen.add(route)
        return answer

    async def left_nothing(self, route: str, *statuses: int, path=None, **sent) -> Response:
        """Send what will change nothing: no row comes into being."""
        before = await self.head()
        answer = await self._send(route, path, sent)
        assert answer.status_code in statuses, f"{route}: {answer.status_code} {answer.text}"
        assert await self.since(before) == [], route
        return answer

    async def _send(self, route: str, path, sent) -> Response:
        verb, _, shape = route.partition(" ")
        return await self.http.request(verb, shape.format(**(path or {})), **sent)
