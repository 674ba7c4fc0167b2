"""What comes back from a service of ours: an answer, its problem, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from shared.errors import TryLater
from shared.web.problems import URN, Problem

T = TypeVar("T")


class Away(TryLater):
    """A service of ours does not answer, or says that it cannot now.

    Attributes:
        service: which.
        retry_s: when asking again makes sense.
    """

    def __init__(
        self, service: str, why: str, retry_s: float = 1.0, *, unknown: bool = False
    ) -> None:
        """Args: unknown: it may have done what it was asked for."""
        super().__init__(f"{service}: {why}")
        self.service = service
        self.title = f"{service} does not answer now"
        self.retry_s = max(1, round(retry_s))
        if unknown:
            self.detail = "Nobody knows whether it was done. Look before you send it again."


class Refused(Problem):
    """A service of ours has answered with a problem; where nobody catches it, so do we."""

    def __init__(self, service: str, status: int, body: Mapping[str, Any], retry: str) -> None:
        known = {"type", "title", "status", "detail", "instance"}
        super().__init__(
            status,
            str(body.get("type", "")).removeprefix(URN) or "refused",
            str(body.get("title") or f"{service} answered {status}"),
            None if body.get("detail") is None else str(body["detail"]),
            headers={"Retry-After": retry} if retry else {},
            **{name: value for name, value in body.items() if name not in known},
        )
        self.service = service


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes:
        service: which.
        etag: of what was read or changed; None: it has none.
    """

    service: str
    status: int
    content: bytes
    etag: str | None

    def json(self) -> Any:
        """The JSON of it. Raises Away: it is none, so another one listens there."""
        return self.read(object)

    def read(self, kind: type[T]) -> T:
        """The JSON of it as `kind`, e.g. a frozen struct; members that it does not know are left out.

        Raises: Away: it is not what was to be expected of this service.
        """
        try:
            return msgspec.json.decode(self.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Away(self.service, f"its answer is not understood: {error}") from None


def filled(service: str, path: str, names: tuple[str, ...]) -> str:
    """A path with its names, each one segment. Raises Refused: none can be called so."""
    if any(name in {"", ".", ".."} for name in names):
        raise Refused(service, 404, {"type": f"{URN}not_found", "title": "Not Found"}, "")
    return path.format(*(quote(name, safe="") for name in names))


def problem_of(content: bytes) -> Mapping[str, Any]:
    """The problem that it tells; empty: it tells none."""
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}
