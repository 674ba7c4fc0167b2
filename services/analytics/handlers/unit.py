"""What every handler is given."""

from services.analytics.store.store import Store
from shared import unit

Unit = unit.Unit[Store, None]
