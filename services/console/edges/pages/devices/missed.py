"""Which devices are missed now: not heard, though their owner is."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from services.console.edges.pages.view import View
from shared.web.client.answered import Away, Refused


async def missed(
    view: View, *, customer: str | None = None, device: str | None = None
) -> Mapping[str, date]:
    """Device -> the day it was heard last; nothing while analytics is away: the registry is shown."""
    with suppress(Away, Refused):
        spells = await view.ask.analytics.unreachable(customer=customer, device=device)
        return {spell.device: spell.since for spell in spells if spell.over_at is None}
    return {}
