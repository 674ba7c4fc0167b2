"""What journey's routes work with."""

from typing import Annotated

from fastapi import Depends, Request

from services.journey.domain.rules import Rules
from services.journey.edges.everything import Everything
from services.journey.handlers import ports
from services.journey.store.store import Store
from shared.web import units

__all__ = ["Change", "ChangeOnce", "OfAllServices", "Read", "Unit"]


def _everything(request: Request) -> Everything:
    everything: Everything = request.app.state.everything
    return everything


Unit = ports.Unit
Read = Annotated[units.Read[Store, Rules], Depends(units.read)]
Change = Annotated[units.Change[Store, Rules], Depends(units.change)]
ChangeOnce = Annotated[units.ChangeOnce[Store, Rules], Depends(units.change_once)]
OfAllServices = Annotated[Everything, Depends(_everything)]
