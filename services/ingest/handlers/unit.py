"""What every handler is given."""

from services.ingest.domain.rules import Rules
from services.ingest.store.store import Store
from shared import unit

Unit = unit.Unit[Store, Rules]
