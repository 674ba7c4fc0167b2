"""What support's routes work with."""

from typing import Annotated

from fastapi import Depends

from services.support.domain.rules import Rules
from services.support.edges.contacts import Contacts
from services.support.store.store import Store
from shared import unit
from shared.web import units
from shared.web.state import of_state

__all__ = ["Change", "ChangeOnce", "OfJourney", "Read", "Unit"]


Unit = unit.Unit[Store, Rules]
Read = Annotated[units.Read[Store, Rules], Depends(units.read)]
Change = Annotated[units.Change[Store, Rules], Depends(units.change)]
ChangeOnce = Annotated[units.ChangeOnce[Store, Rules], Depends(units.change_once)]
OfJourney = Annotated[Contacts | None, Depends(of_state("contacts"))]
