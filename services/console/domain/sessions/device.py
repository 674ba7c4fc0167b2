"""The cookie of a browser in which somebody has signed in: its wrong passwords are counted apart.

So strangers who try passwords at an address keep its owner out of no browser that was in before. The
cookie opens nothing. Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import re
from datetime import timedelta

from services.console.domain.sealed.seal import Seal

LIFE = timedelta(days=180)
ID_BITS = 64
_FORM = re.compile(r"(?P<id>[0-9a-f]{16})\.(?P<mark>[\w-]{43})", re.ASCII)


def cookie(seal: Seal, email: str, id_: str) -> str:
    """What the browser keeps, for one address."""
    return f"{id_}.{seal.mark(_bound(email, id_))}"


def id_of(seal: Seal, email: str, context: str) -> str | None:
    """Which browser it is; None: nobody has signed in with this address in it."""
    form = _FORM.fullmatch(context)
    if form is None or not seal.is_mark(form["mark"], _bound(email, form["id"])):
        return None
    return form["id"]


def _bound(email: str, id_: str) -> str:
    return f"device\x1f{email}\x1f{id_}"
