"""Set-up, firmware and integrations: read so that the ledger is whole, without effect here yet.

The reasons of a drop will read them; until then the runtime's ledger and offsets are all that
analytics keeps of this topic.
"""

from collections.abc import Sequence

from services.analytics.handlers.ports import Unit
from shared.events import Telemetry
from shared.stream.record import Received


async def on_device_lifecycle(unit: Unit, batch: Sequence[Received[Telemetry]]) -> None:
    """Take note of nothing: neither use nor sign of life."""
    del unit, batch
