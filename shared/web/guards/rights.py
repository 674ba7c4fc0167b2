"""The rights table: route -> roles -> how much of the data. What is not in it is refused.

Each service writes its lines in `edges/rights.py`; the routes that all services share stand here.
docs/security.md shows all lines together; a test compares them with the routes there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.routing import compile_path

from shared.web.who import Role, Who

Sees = Literal["all", "masked", "shared", "own", "aggregates"]
"""How much of the data: everything; without contact data; what is shared with the organisation;
what is the caller's own; numbers only. The most that any of somebody's roles may see counts,
except that a partner never sees more than `shared`."""

ORDER: tuple[Sees, ...] = ("all", "masked", "shared", "own", "aggregates")
EVERYBODY = "everybody"  # with or without a token


@dataclass(frozen=True)
class Right:
    """One line: who may use a route, and what of the data it shows them.

    Attributes:
        open: anybody may, without a token: then `why` says why.
    """

    method: str
    route: str
    roles: Mapping[Role, Sees]
    open: bool = False
    why: str = ""

    def sees(self, who: Who) -> Sees | None:
        """How much of the data somebody sees here; None: the route is not for them."""
        if who.scopes is not None and not who.scopes & {self.name, self.route}:
            return None
        if who.is_partner:
            return self.roles.get("partner")
        granted = {sees for role in who.roles if (sees := self.roles.get(role)) is not None}
        return next((sees for sees in ORDER if sees in granted), None)

    @property
    def name(self) -> str:
        """`METHOD /route`, as scopes name it."""
        return f"{self.method} {self.route}"


def all_of(*roles: Role) -> dict[Role, Sees]:
    """These roles see everything the route shows."""
    return dict.fromkeys(roles, "all")


def masked(*roles: Role) -> dict[Role, Sees]:
    """These see it without contact data."""
    return dict.fromkeys(roles, "masked")


def numbers(*roles: Role) -> dict[Role, Sees]:
    """These see counts and sums."""
    return dict.fromkeys(roles, "aggregates")


def audit_for(*roles: Role) -> tuple["Right", ...]:
    """The lines of a service's audit: for admins, and for these; on-call may verify it."""
    readers = all_of("admin", *roles)
    return (
        Right("GET", "/v1/audit", readers),
        Right("GET", "/v1/audit/export", readers),
        Right("GET", "/v1/audit/verify", readers | all_of("oncall")),
    )


SHARED: dict[Role, Sees] = {"partner": "shared"}

PUBLIC: tuple[Right, ...] = (
    Right("GET", "/livez", {}, open=True, why="orchestrators ask it; says `alive` or `stuck`"),
    Right("GET", "/readyz", {}, open=True, why="orchestrators ask it; names servers, no data"),
    Right("GET", "/metrics", {}, open=True, why="collectors ask it; counts without identities"),
)
RUNTIME: tuple[Right, ...] = (
    Right("GET", "/v1/ledger", all_of("oncall", "admin", "service")),
    Right("GET", "/v1/ledger/gaps", all_of("oncall", "admin", "service")),
    Right("GET", "/v1/topics", all_of("oncall", "lead", "admin", "service")),
    Right("GET", "/v1/quarantine", all_of("oncall", "admin", "service")),
    Right("POST", "/v1/quarantine/replay", all_of("oncall", "admin")),
    Right("POST", "/v1/quarantine/discard", all_of("oncall", "admin")),
    Right("POST", "/v1/quarantine/{id}/replay", all_of("oncall", "admin")),
    Right("POST", "/v1/quarantine/{id}/discard", all_of("oncall", "admin")),
)

EFFECTS: tuple[Right, ...] = (
    Right("GET", "/v1/effects", all_of("oncall", "admin", "service")),
    Right("POST", "/v1/effects/{id}/resolve", all_of("oncall", "admin")),
)
"""Of every service that has any."""


class Table:
    """All lines of a service, by method and route."""

    def __init__(self, lines: Iterable[Right]) -> None:
        self.lines: Sequence[Right] = (*PUBLIC, *RUNTIME, *lines)
        self._by_name = {line.name: line for line in self.lines}
        self._shapes = [(line, compile_path(line.route)[0]) for line in self.lines]
        if len(self._by_name) != len(self.lines):
            raise ValueError("two lines for one route")

    def methods(self, path: str) -> list[str]:
        """What may be done at a path, whoever asks."""
        named = {line.method for line in self.lines if line.route == path}
        allowed = named or {line.method for line, shape in self._shapes if shape.match(path)}
        return sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))

    def line(self, method: str, route: str) -> Right | None:
        """The line of a route; `HEAD` is `GET` without a body. A path's type counts for nothing."""
        asked = "GET" if method == "HEAD" else method
        return self._by_name.get(f"{asked} {route.replace(':path}', '}')}")
