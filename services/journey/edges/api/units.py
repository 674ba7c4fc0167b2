"""What journey's routes work with."""

from typing import Annotated

from fastapi import Depends

from services.journey.domain.rules import Rules
from services.journey.edges.everything import Everything
from services.journey.handlers import ports
from services.journey.store.store import Store
from shared.web import units
from shared.web.state import of_state

__all__ = ["Change", "ChangeOnce", "OfAllServices", "Read", "Unit"]


Unit = ports.Unit
Read = Annotated[units.Read[Store, Rules], Depends(units.read)]
Change = Annotated[units.Change[Store, Rules], Depends(units.change)]
ChangeOnce = Annotated[units.ChangeOnce[Store, Rules], Depends(units.change_once)]
OfAllServices = Annotated[Everything, Depends(of_state("everything"))]
