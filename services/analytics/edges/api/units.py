"""What analytics' routes work with."""

from typing import Annotated

from fastapi import Depends

from services.analytics.handlers.unit import Unit
from services.analytics.store.store import Store
from shared.web import units

__all__ = ["Change", "ChangeOnce", "Read", "Unit"]

Read = Annotated[units.Read[Store, None], Depends(units.read)]
Change = Annotated[units.Change[Store, None], Depends(units.change)]
ChangeOnce = Annotated[units.ChangeOnce[Store, None], Depends(units.change_once)]
