"""What every handler is given."""

from services.journey.domain.rules import Rules
from services.journey.store.store import Store
from shared import unit

Unit = unit.Unit[Store, Rules]
