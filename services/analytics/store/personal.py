"""What analytics holds of customers: it counts uses under opaque ids, nothing personal."""

from shared.personal import Held, Personal, personal_of

HELD: tuple[Held, ...] = (
    Held("recent_input"),  # within `days` of the export
    Held("day_input", name="final_days", order="day, late"),
    Held("state", name="state"),
    Held("snapshot"),  # copies of `state`
    Held("risk", name="risk"),
    Held("finding", name="findings", order="at, id"),
    Held(
        "customer",
        find="id = ANY(CAST(:customers AS text[]))",
        name="customer",
        gives="id, version, history, regions, owned, model, began",
    ),
)
PERSONAL: tuple[Personal, ...] = personal_of(HELD)
