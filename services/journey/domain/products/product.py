"""A product of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Kind = Literal[
    "device",  #: publishes telemetry
    "accessory",  #: belongs to devices
    "subscription",  #: runs for a term; its id is the plan
    "service",  #: work that is done once
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Product:
    """One product. Money is in the vendor's currency.

    Attributes:
        id: what purchases and plans name it by.
        kind: None: it was heard of in a purchase or plan, and nobody has described it.
        price: of one, a month for a subscription.
        margin: what of the price is left, from 0 to 1.
        exchange_cost: what it costs to exchange one.
        limits: of a plan, e.g. `{"cameras": 5}`.
        works_with: products of which a customer must own one; empty: it stands alone.
        replaces: the product whose place it takes.
        sold_from, sold_until: None: without beginning, without end.
    """

    id: str
    name: str
    kind: Kind | None = None
    price: float | None = None
    margin: float | None = None
    exchange_cost: float | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    works_with: Sequence[str] = ()
    replaces: str | None = None
    sold_from: datetime | None = None
    sold_until: datetime | None = None

    def is_ahead(self, moment: datetime) -> bool:
        """Whether its sale begins later."""
        return self.sold_from is not None and moment < self.sold_from

    def is_over(self, moment: datetime) -> bool:
        """Whether its sale has ended."""
        return self.sold_until is not None and moment >= self.sold_until

    def names(self) -> list[tuple[str, str]]:
        """The products it names, each with the field that does."""
        named = [("works_with", other) for other in self.works_with]
        return [*named, *([] if self.replaces is None else [("replaces", self.replaces)])]
