"""What analytics' routes work with."""

from typing import Annotated

from fastapi import Depends

from services.analytics.store.store import Store
from shared.web import units

Read = Annotated[units.Read[Store, None], Depends(units.read)]
