"""What `make check` runs, and files that it need not even read."""

import re
from pathlib import Path

QUICK = "not servers and not slow"
_NONE_IS_QUICK = re.compile(r"^pytestmark = pytest\.mark\.(?:servers|slow)$", re.MULTILINE)


def leaves_out(path: Path, expression: str) -> bool:
    """Whether every test of a file bears a mark that this expression of marks leaves out."""
    asked = expression == QUICK and path.suffix == ".py"
    return asked and _NONE_IS_QUICK.search(path.read_text("utf-8")) is not None
