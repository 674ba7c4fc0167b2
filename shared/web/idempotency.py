"""`Idempotency-Key` on POST: the same request sent twice has one effect and gets one answer.

The answer is stored in the transaction of the effect, so there is no moment in which one exists
without the other. One that shows personal data is not stored: it is made again from the one table
where the data live, so that an erasure reaches it. Keys are forgotten after KEPT. Source: draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import ids
from shared.web.problems import Problem

KEPT = timedelta(days=7)
REPLAYED = "Idempotency-Replayed"
JSON = "application/json"

# waits for another transaction that holds the same key, then does nothing if that committed
_CLAIM = text(
    """INSERT INTO idempotency (key, route, sha256, status, body)
    VALUES (:key, :route, :sha256, 0, '') ON CONFLICT (key, route) DO NOTHING"""
)
_STORED = text(
    "SELECT sha256, status, body, content_type FROM idempotency WHERE key = :key AND route = :route"
)
_STORE = text(
    """UPDATE idempotency SET status = :status, body = :body, content_type = :content_type
    WHERE key = :key AND route = :route"""
)
_FORGET = text(
    """DELETE FROM idempotency WHERE (key, route) IN (SELECT key, route FROM idempotency
    WHERE at < now() - CAST(:kept AS interval) LIMIT 100 FOR UPDATE SKIP LOCKED)"""
)


@dataclass(frozen=True)
class Once:
    """One request that wants one effect; without a key it is like any other.

    Attributes:
        route: method and path: the same key elsewhere is another key.
        sha256: of the body.
        cause: what `Transaction.emit(cause=...)` and `ids.derived` take, so that ids are the same
            for the same key.
    """

    key: str | None
    route: str
    sha256: str
    cause: str

    async def run(
        self,
        connection: AsyncConnection,
        status: int,
        work: Callable[[], Awaitable[BaseModel]],
        *,
        again: Callable[[], Awaitable[BaseModel]] | None = None,
    ) -> Response:
        """Do `work` and remember its answer, or give the answer it had.

        Args:
            connection: of the transaction `work` writes in; call this first in it.
            status: of a success. A request that failed rolls back and is not remembered.
            again: makes the answer anew where it holds personal data: then none is stored, and who
                repeats the request sees what is so now.
        Raises: Problem 409: the key was used with another body.
        """
        if self.key is None:
            return _answer(status, (await work()).model_dump_json().encode())
        name = {"key": self.key, "route": self.route}
        claimed = await connection.execute(_CLAIM, {**name, "sha256": self.sha256})
        if claimed.rowcount == 0:
            return await self._again(connection, again)
        body = (await work()).model_dump_json().encode()
        kept = body if again is None else b""
        await connection.execute(
            _STORE, {**name, "status": status, "body": kept, "content_type": JSON}
        )
        await connection.execute(_FORGET, {"kept": KEPT})
        return _answer(status, body)

    async def _again(
        self,
        connection: AsyncConnection,
        again: Callable[[], Awaitable[BaseModel]] | None,
    ) -> Response:
        result = await connection.execute(_STORED, {"key": self.key, "route": self.route})
        stored = result.mappings().one()
        if stored["sha256"] != self.sha256:
            raise Problem(
                409,
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request",
                "Send a new key with a new request; the same key only with the same body.",
            )
        body = bytes(stored["body"])
        if again is not None:
            body = (await again()).model_dump_json().encode()
        answer = _answer(stored["status"], body, stored["content_type"])
        answer.headers[REPLAYED] = "true"
        return answer


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="Sent again with the same body, the request has no second effect.",
        ),
    ] = None,
) -> Once:
    route = f"{request.method} {request.url.path}"
    digest = hashlib.sha256(await request.body()).hexdigest()
    who = getattr(request.state, "who", None)
    caller = "" if who is None else who.subject
    # another caller's key is another key: an answer goes only to whom it was given first
    key = None if idempotency_key is None else f"{caller} {idempotency_key}"
    named = ids.random_id() if key is None else key
    return Once(key, route, digest, f"http:{route}#{named}")


Idempotent = Annotated[Once, Depends(_once)]
"""Write it as `once: Idempotent` and answer with `await once.run(tx.connection, 201, work)`."""


def _answer(status: int, body: bytes, content_type: str = JSON) -> Response:
    return Response(body, status, media_type=content_type)
