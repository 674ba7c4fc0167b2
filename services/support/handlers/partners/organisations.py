"""Partners are added, renamed, and lose their access or get it back."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from services.support.domain.partners.organisation import Organisation
from services.support.handlers.ports import Unit
from shared.audited import difference
from shared.errors import ChangedSince, Exists, NotFound

KIND = "organisation"


async def add_organisation(unit: Unit, new: Organisation) -> None:
    """Add a partner. Raises: Exists."""
    if not await unit.store.organisations.add(new, unit.now):
        raise Exists(KIND, new.id)
    unit.audit("organisation.create", KIND, new.id, after=_audited(new))


async def change_organisation(
    unit: Unit, id_: str, wanted: Mapping[str, object], versions: AbstractSet[int] | None
) -> Organisation:
    """Change it, if that is another; who changes nothing leaves no trace.

    Args:
        wanted: what is to change.
        versions: what the caller read; None: whatever it is now.
    Raises: NotFound; ChangedSince.
    """
    before = await unit.store.organisations.hold(id_)
    if before is None:
        raise NotFound(KIND, id_)
    if versions is not None and before.version not in versions:
        raise ChangedSince(KIND, id_, before.version)
    after = replace(before, **wanted)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    await unit.store.organisations.write(after)
    was, became = difference(_audited(before), _audited(after))
    unit.audit("organisation.change", KIND, id_, before=was, after=became)
    return after


def _audited(organisation: Organisation) -> dict[str, str | bool]:
    return {"name": organisation.name, "active": organisation.active}
