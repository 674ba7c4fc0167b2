"""One service asks another over HTTP: for the person who asks us, or as itself.

A call has a deadline, whatever happens within it. It is sent again only where a repetition changes
nothing: GET, POST with an Idempotency-Key, and whatever never reached the other side. Who does not
answer time after time is not asked for a while (`circuit.py`), so that a page with eight panels
learns at once what it would learn in five seconds.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import msgspec

from shared import log, metrics
from shared.clock import monotonic
from shared.web.client.answered import Answer, Away, Refused, filled, problem_of
from shared.web.client.circuit import Circuit
from shared.web.client.own_token import ByClientKey, OwnToken
from shared.web.client.sender import Heard, NoAnswer, NotReached, Sender

DEADLINE_S = 5.0
PAUSES_S = (0.1, 0.4)  # before the second and the third try
CONNECTIONS = 32  # to each service
OUTAGES = frozenset({502, 503, 504})  # what a proxy says for a service, or the service itself

READY_S = 2.0
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_log = log.get("web.client")


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, as often as it is sent."""

    method: Method
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, Any]
    content: bytes | None
    bearer: str | None
    until_s: float

    @property
    def repeatable(self) -> bool:
        """Whether a second one changes nothing."""
        return self.method == "GET" or "Idempotency-Key" in self.headers


class Peer:
    """One service of ours; its address is a setting."""

    def __init__(self, name: str, url: str, sender: Sender, own: OwnToken | None) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._sender = sender
        self._own = own
        self._circuit = Circuit()

    async def get(
        self,
        path: str,
        *names: str,
        bearer: str | None = None,
        params: Mapping[str, Any] | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """Read. Arguments and errors: those of `send`."""
        return await self.send(
            "GET", path, *names, bearer=bearer, params=params, deadline_s=deadline_s
        )

    async def ready(self) -> Answer:
        """What `/readyz` says, though it may say that the service waits. Raises Away."""
        until_s = asyncio.get_running_loop().time() + READY_S
        try:
            answer = await self._sender.send("GET", f"{self._url}/readyz", until_s)
        except TimeoutError:
            raise Away(self.name, "no answer in time") from None
        except NoAnswer as error:
            raise Away(self.name, f"no answer ({type(error).__name__})") from None
        return Answer(self.name, answer.status, answer.content, None)

    async def post(
        self,
        path: str,
        *names: str,
        body: object = None,
        bearer: str | None = None,
        key: str | None = None,
        if_match: str | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        """Do. Arguments and errors: those of `send`."""
        return await self.send(
            "POST", path, *names, body=body, bearer=bearer, key=key, if_match=if_match,
            deadline_s=deadline_s,
        )  # fmt: skip

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
        """Ask, and give the answer if it is a good one (2xx).

        Args:
            path: a route, with `{}` for each name, e.g. `/v1/tickets/{}`.
            names: ids and the like; whatever they hold, they stay one part of the path.
            body: what JSON can say; None: no body.
            bearer: the token of the person we ask for; None: we ask as ourselves.
            params: of the query; None values are left out.
            key: Idempotency-Key: with one the request is sent again when no answer came.
            if_match: the ETag that was seen.
            csv: a file in place of a body.
            deadline_s: for all of it, tries and pauses too; None: DEADLINE_S.
        Raises: Refused: it answered with a problem. Away: it did not answer in time, says that it
            cannot, or is not asked now. Without `key` nobody knows whether a change was made.
        """
        headers = {} if key is None else {"Idempotency-Key": key}
        if if_match is not None:
            headers["If-Match"] = if_match
        if body is not None or csv is not None:
            headers["Content-Type"] = "application/json" if csv is None else "text/csv"
        call = _Call(
            method,
            self._url + filled(self.name, path, names),
            headers,
            {name: value for name, value in (params or {}).items() if value is not None},
            csv if body is None else msgspec.json.encode(body),
            bearer,
            asyncio.get_running_loop().time() + (DEADLINE_S if deadline_s is None else deadline_s),
        )
        answer = await self._tried(call)
        return self._judged(answer, as_ourselves=bearer is None)

    async def _tried(self, call: _Call) -> Heard:
        """The first answer that is no outage, or the last there was. Raises Away."""
        for pause_s in (*PAUSES_S, None):
            token = call.bearer or await self._own_token(call)
            last = pause_s is None or not self._has_time(call, pause_s)
            try:
                answer = await self._once(call, token)
            except (NoAnswer, TimeoutError) as error:
                nothing_sent = isinstance(error, NotReached)
                harmless = nothing_sent or call.repeatable
                if last or self._circuit.is_open or not harmless:
                    why = f"no answer ({type(error).__name__})"
                    raise Away(self.name, why, unknown=not harmless) from None
            else:
                outage = answer.status in OUTAGES
                if not outage or last or self._circuit.is_open or not call.repeatable:
                    return answer
            await asyncio.sleep(pause_s or 0.0)
        raise AssertionError  # the last round returns or raises

    @staticmethod
    def _has_time(call: _Call, pause_s: float) -> bool:
        return asyncio.get_running_loop().time() + pause_s < call.until_s

    async def _own_token(self, call: _Call) -> str:
        if self._own is None:
            raise Away(self.name, "we have no client key to ask it with")
        try:
            return await self._own.fresh(self._sender, call.until_s)
        except (OSError, ValueError) as error:  # NoAnswer and TimeoutError are one
            raise Away("console", f"no token of our own ({type(error).__name__})") from None

    async def _once(self, call: _Call, token: str) -> Heard:
        """One try, counted by the circuit. Raises Away: it is open."""
        wait_s = self._circuit.wait_s(monotonic())
        if wait_s > 0:
            self._count("held")
            raise Away(self.name, "it has not answered lately and is not asked now", wait_s)
        tries = self._circuit.is_open
        self._circuit = self._circuit.asked()
        try:
            answer = await self._sender.send(
                call.method,
                call.url,
                call.until_s,
                params=call.params,
                content=call.content,
                headers={**call.headers, "Authorization": f"Bearer {token}"},
            )
        except (NoAnswer, TimeoutError) as error:
            self._failed(type(error).__name__, tried=tries)
            raise
        except asyncio.CancelledError:  # whoever asked us has gone
            self._circuit = self._circuit.left(tried=tries)
            raise
        self._note(answer.status, tried=tries)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._own and call.bearer is None:
            self._own.refused(token)  # console may sign with another key by now
        return answer

    def _note(self, status: int, *, tried: bool) -> None:
        if status in OUTAGES:
            self._failed(str(status), tried=tried)
            return
        self._count("answered" if status < HTTPStatus.BAD_REQUEST else "refused")
        if self._circuit.is_open and tried:
            _log.info("%s answers again", self.name)
        if tried or not self._circuit.is_open:
            self._circuit = self._circuit.answered()
        metrics.SERVICE_CIRCUIT_OPEN.labels(self.name).set(self._circuit.is_open)

    def _failed(self, why: str, *, tried: bool) -> None:
        self._count("away")
        before = self._circuit
        self._circuit = before.failed(monotonic(), tried=tried)
        if self._circuit.is_open and not before.is_open:
            _log.warning("%s does not answer and is asked less", self.name, extra={"error": why})
        metrics.SERVICE_CIRCUIT_OPEN.labels(self.name).set(self._circuit.is_open)

    def _count(self, outcome: str) -> None:
        metrics.SERVICE_CALLS.labels(self.name, outcome).inc()

    def _judged(self, answer: Heard, *, as_ourselves: bool) -> Answer:
        """Raises: Refused, Away."""
        status, retry = answer.status, answer.headers.get("retry-after", "")
        ours = as_ourselves and status in {401, 403, 429}  # nobody but an operator can help
        if ours or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.warning("%s answered %d", self.name, status)
            raise Away(self.name, f"it answered {status}", float(retry) if retry.isdigit() else 1.0)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise Refused(self.name, status, problem_of(answer.content), retry)
        return Answer(self.name, status, answer.content, answer.headers.get("etag"))


def as_ourselves(console_url: str, key_file: Path | None, ca_file: str) -> "ServiceClient | None":
    """What asks with the token that console gives for our key; None: the settings do not say how."""
    if not (console_url and key_file):
        return None
    return ServiceClient(ca_file, ByClientKey(console_url, key_file))


class ServiceClient:
    """The connections to all services of ours."""

    def __init__(self, ca_file: str = "", own: OwnToken | None = None) -> None:
        """A client that has not asked anybody yet.

        Args:
            ca_file: CA certificates that the services' are checked with; empty: the system's.
            own: our own token; None: we ask for persons only.
        """
        self._trusted = ssl.create_default_context(cafile=ca_file or None)
        self._senders: list[Sender] = []
        self._own = own

    def peer(self, name: str, url: str) -> Peer:
        """A service; whoever asks it shares one `Peer`, so that its circuit is one.

        Args:
            name: as problems and metrics call it, e.g. `support`.
            url: where it listens; a setting.
        """
        sender = Sender(self._trusted, CONNECTIONS)
        self._senders.append(sender)
        return Peer(name, url, sender, self._own)

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(sender.close() for sender in self._senders))
