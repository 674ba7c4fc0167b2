"""What every handler is given."""

from services.support.domain.rules import Rules
from services.support.store.store import Store
from shared import unit

Unit = unit.Unit[Store, Rules]
