"""What journey's routes work with."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from services.journey.domain.rules import Rules
from services.journey.edges.everything import Everything
from services.journey.store.store import Store
from shared import unit
from shared.web import units
from shared.web.state import of_state
from shared.web.who import Who

__all__ = ["Change", "ChangeOnce", "OfAllServices", "Public", "Read", "Shops", "Unit"]

Unit = unit.Unit[Store, Rules]


async def _public(request: Request) -> Callable[[], AbstractAsyncContextManager[Unit]]:
    address = request.client.host if request.client else ""
    asked = str(request.scope["state"].get("request", ""))
    who = Who("customer", "system", frozenset(), address=address, request=asked)
    return partial(request.app.state.units.begin, who)


class OfShops:
    """A route's argument: units of work on behalf of a shop, which has no account but a secret."""

    def __init__(self, request: Request) -> None:
        of_app = request.app.state.units
        self.rules: Rules = of_app.rules
        self.now: Callable[[], datetime] = of_app.clock.now
        self._begin = of_app.begin
        self._address = request.client.host if request.client else ""
        self._asked = str(request.scope["state"].get("request", ""))

    def begin(self, shop: str) -> AbstractAsyncContextManager[Unit]:
        """Begin one."""
        who = Who(f"shop:{shop}", "system", frozenset(), address=self._address, request=self._asked)
        unit: AbstractAsyncContextManager[Unit] = self._begin(who)
        return unit


async def _shops(request: Request) -> OfShops:
    return OfShops(request)


Shops = Annotated[OfShops, Depends(_shops)]
Read = Annotated[units.Read[Store, Rules], Depends(units.read)]
Change = Annotated[units.Change[Store, Rules], Depends(units.change)]
ChangeOnce = Annotated[units.ChangeOnce[Store, Rules], Depends(units.change_once)]
OfAllServices = Annotated[Everything, Depends(of_state("everything"))]
Public = Annotated[Callable[[], AbstractAsyncContextManager[Unit]], Depends(_public)]
"""A route's argument: begins a unit of work for a customer, who has no account."""
