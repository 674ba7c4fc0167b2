"""What analytics holds of customers: counts of uses under opaque ids, and what people wrote of them."""

from shared.personal import Held, Personal, personal_of

HELD: tuple[Held, ...] = (
    Held("recent_input"),  # within `days` of the export
    Held("day_input", name="final_days", order="day, late"),
    Held("state", name="state"),
    Held("state_closed"),  # empty outside of a closing
    Held("risk_closed"),  # likewise
    Held("snapshot"),  # copies of `state`
    Held("device_heard", name="devices_heard", order="device"),
    Held("unreachable", name="devices_unreachable", order="told_at, device"),
    Held("risk", name="risk"),
    Held("finding", name="findings", order="at, id"),
    Held(
        "contact",
        name="contacts",
        order="at, id",
        personal=Personal(
            table="contact",
            columns=("note",),
            whose="customers",
            why="what came of a contact: whoever goes on with it needs to know",
            kept="as long as the customer",
            erased="the rows are deleted",
        ),
    ),
    Held(
        "snooze",
        name="snooze",
        personal=Personal(
            table="snooze",
            columns=("reason",),
            whose="customers",
            why="why somebody is left alone for a while",
            kept="until it is over and another takes its place, or the customer is erased",
            erased="the row is deleted",
        ),
    ),
    Held(
        "customer",
        find="id = ANY(CAST(:customers AS text[]))",
        name="customer",
        gives="id, version, history, regions, owned, fitted, fitted -> -1 ->> 1 AS model, began",
    ),
)
PERSONAL: tuple[Personal, ...] = personal_of(HELD)
