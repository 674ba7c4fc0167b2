"""The rights table of all services as one page."""

import importlib
from collections.abc import Iterable

from shared.settings import SERVICES
from shared.web.guards.rights import PUBLIC, RUNTIME, Right
from shared.web.who import ROLES
from tools.reference.pages import MADE

SHORT = {"all": "all", "masked": "masked", "shared": "shared", "own": "own", "aggregates": "sums"}


def rights() -> str:
    """Every route of every service, and what each role sees of it."""
    parts = [_part("Every service", (*PUBLIC, *RUNTIME))]
    for service in SERVICES:
        lines = importlib.import_module(f"services.{service}.edges.rights").RIGHTS
        parts.append(_part(service, lines))
    body = "\n".join(parts)
    return f"""# Rights

{MADE} The lines stand in `services/*/edges/rights.py` and `shared/web/guards/rights.py`.

A route without a line is for nobody; a test compares the lines with the routes there are. `all`:
everything the route shows. `masked`: without contact data. `shared`: what is shared with the
partner's organisation. `own`: what is the caller's own. `sums`: counts and sums. Who has several
roles sees the most that any of them may; with `partner` among them never more than `partner`.

{body}"""


def _part(name: str, lines: Iterable[Right]) -> str:
    head = f"| route | {' | '.join(ROLES)} |\n|---|{'---|' * len(ROLES)}"
    rows = "\n".join(_row(line) for line in lines)
    return f"## {name}\n\n{head}\n{rows}\n"


def _row(line: Right) -> str:
    if line.open:
        return f"| `{line.name}` | open to everybody: {line.why} |{' |' * (len(ROLES) - 1)}"
    cells = [SHORT[line.roles[role]] if role in line.roles else "" for role in ROLES]
    return f"| `{line.name}` | {' | '.join(cells)} |"
