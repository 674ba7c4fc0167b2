"""Journey's terms that end soon, and what came of them."""

from datetime import datetime
from typing import Literal

import msgspec


class Decided(msgspec.Struct, frozen=True):
    """What came of a term, and who says so."""

    outcome: Literal["renewed", "expanded", "reduced", "cancelled"]
    reason: str | None
    who: str
    at: datetime


class Renewal(msgspec.Struct, frozen=True):
    """A term that ends soon, or has ended and was not renewed; `name` None: not known, or not shown."""

    customer: str
    name: str | None
    kind: Literal["household", "business"]
    region: str
    stage: str | None
    plan: str
    price_month: float
    status: Literal["trial", "active", "cancelled"]
    term_ends: datetime
    decided: Decided | None
    etag: str
