"""What analytics' routes work with."""

from typing import Annotated

from fastapi import Depends

from services.analytics.store.store import Store
from shared import unit
from shared.web import units

__all__ = ["Change", "ChangeOnce", "Read", "Unit"]

Unit = unit.Unit[Store, None]
Read = Annotated[units.Read[Store, None], Depends(units.read)]
Change = Annotated[units.Change[Store, None], Depends(units.change)]
ChangeOnce = Annotated[units.ChangeOnce[Store, None], Depends(units.change_once)]
