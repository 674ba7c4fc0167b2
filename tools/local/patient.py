"""A transport that waits when a service says 429, and asks again what was lost, as clients of ours should."""

import asyncio

import httpx
from typing_extensions import override

TRIES = 30
IDLE_S = 1.0  # services close what is idle for five seconds: a request at that very moment is lost


class Patient(httpx.AsyncHTTPTransport):
    """Waits as long as Retry-After says, then sends the same request again.

    A question whose connection ended without an answer is asked again at once: a service that stood still for
    five seconds takes a connection for idle on which a request has just come.
    """

    def __init__(self) -> None:
        super().__init__(limits=httpx.Limits(keepalive_expiry=IDLE_S))

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; the 429 itself after TRIES."""
        for _ in range(TRIES):
            try:
                answer = await super().handle_async_request(request)
            except httpx.RemoteProtocolError:
                if request.method != "GET":
                    raise
                continue
            wait_s = answer.headers.get("retry-after", "")
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or not wait_s.isdigit():
                return answer
            await answer.aclose()
            await asyncio.sleep(int(wait_s))
        return await super().handle_async_request(request)
