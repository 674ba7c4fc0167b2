"""What the broker's own log and counts say about who was refused: pure."""

import re
from dataclasses import dataclass
from datetime import datetime

# What a line of the broker's log means, in the words of 2.0 and 2.1; the first that fits. After an error of TLS comes a line
# `disconnected: Protocol error`, which tells nothing more.
REASONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("no_certificate", re.compile(r"peer did not return a certificate")),
    # revoked, expired or of another authority: OpenSSL tells the broker no more
    ("bad_certificate", re.compile(r"certificate verify failed|unknown ca|bad certificate")),
    ("not_authorised", re.compile(r"disconnected[,:] not authorised")),
    ("bad_tls", re.compile(r"OpenSSL Error|tlsv1 alert|wrong version number|http request")),
    ("taken_over", re.compile(r"already connected, closing old connection|session taken over")),
    # a will with retain, then a publish with it, for which 2.0 has no words of its own
    ("retain_not_supported", re.compile(r"[Rr]etain not supported|on client \S+: Unknown error")),
    (
        "protocol_error",
        re.compile(r"(due to|disconnected:) protocol error|malformed|Invalid protocol|oversize"),
    ),
)
MANY_CLIENTS = 200_000
MANY_FILTERS = 5  # a device needs one: its own `down`
_SUBSCRIBED = re.compile(r"(?:\S+: )?([a-z0-9-]{1,64}) [012] (.+)", re.DOTALL)
LONGEST = 300  # characters kept of a line
_CLIENT = re.compile(r"[Cc]lient (\S+)")


@dataclass(frozen=True)
class Refused:
    """One line of the broker about somebody it did not let in, or let go."""

    at: datetime
    reason: str
    client: str | None
    line: str


def unread(received: int, seen: int, before: int) -> int:
    """Publishes of the broker's count that are not among ours.

    >>> unread(received=1_030, seen=225, before=800)
    5
    """
    return max(0, received - seen - before)


def why(line: str) -> str | None:
    """Why the broker refused or ended somebody; None: the line is about something else.

    >>> why("1764221000: Client cam-7 disconnected, not authorised.")
    'not_authorised'
    >>> why("1764221000: New client connected from 127.0.0.1:1 as cam-7")
    """
    return next((reason for reason, pattern in REASONS if pattern.search(line)), None)


def refused(line: str, at: datetime) -> Refused | None:
    """What a line tells of somebody who was refused or let go; None: it is about something else."""
    reason = why(line)
    return None if reason is None else Refused(at, reason, _client(line), line[:LONGEST])


class Filters:
    """How many filters each client has subscribed to; all of them are forgotten with `forget`."""

    def __init__(self) -> None:
        self._of: dict[str, set[str]] = {}

    def too_many(self, line: str) -> str | None:
        """The client that has just subscribed to one too many; our own may have what they need.

        >>> filters = Filters()
        >>> [filters.too_many(f"2026-01-01T00:00:00: cam-1 0 a/{n}") for n in range(6)][4:]
        [None, 'cam-1']
        """
        match = _SUBSCRIBED.fullmatch(line)
        if match is None:
            return None
        client, pattern = match.groups()
        if len(self._of) > MANY_CLIENTS:
            self._of.clear()
        filters = self._of.setdefault(client, set())
        if len(filters) <= MANY_FILTERS:
            filters.add(pattern[:LONGEST])
        return client if len(filters) > MANY_FILTERS else None

    def forget(self, client: str) -> None:
        """Its session has ended."""
        self._of.pop(client, None)


def _client(line: str) -> str | None:
    match = _CLIENT.search(line)
    name = None if match is None else match[1].rstrip(".,:")
    return None if name in {None, "<unknown>"} else name
