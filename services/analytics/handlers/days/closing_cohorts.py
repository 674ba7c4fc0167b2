"""What a closing tells of whole cohorts: a drop, a decline, an outage, each on its first day."""

from services.analytics.domain.days.shared import Common, DroppedFirmware, dropped_firmwares, new
from services.analytics.handlers.days.closing_risks import Closing
from shared.events import CohortDropped, CohortFalling, DataOutage
from shared.unit import Emit


def tell_cohorts(closing: Closing, emit: Emit) -> None:
    """One event for thousands of customers: it is held against none of them."""
    day, at, closed = closing.day, closing.at, closing.closed

    def tell(event: CohortDropped | CohortFalling | DataOutage, kind: str) -> None:
        cause = f"close:{closing.region}:{day.isoformat()}:{event.cohort}"
        if isinstance(event, CohortDropped) and event.firmware is not None:
            cause += f":{event.firmware}"
        emit(event, key=f"cohort:{event.cohort}", cause=cause, kind=kind)

    def begins(what: str) -> list[Common]:
        return new(
            closing.region,
            closing.roll,
            closed.provisional,
            closed.yesterday,
            lambda cohort: bool(getattr(cohort, what)),
        )

    for its in begins("dropped"):
        members = sum(cohort.members for cohort in its.cohorts)
        factor = its.mean(lambda cohort: cohort.factor)
        event = CohortDropped(at=at, cohort=its.name, day=day, factor=factor, members=members)
        tell(event, "cohort_dropped")
    for low in dropped_firmwares(closing.roll, closed.provisional, closed.yesterday):
        tell(_of_firmware(low, closing), "cohort_dropped")
    for its in begins("falling"):
        share = its.mean(lambda cohort: cohort.trend or 0.0)
        tell(
            CohortFalling(at=at, cohort=its.name, day=day, share=share, customers=its.customers),
            "cohort_falling",
        )
    for its in begins("outage"):
        tell(DataOutage(at=at, cohort=its.name, day=day, customers=its.customers), "data_outage")


def _of_firmware(low: DroppedFirmware, closing: Closing) -> CohortDropped:
    return CohortDropped(
        at=closing.at,
        cohort=f"{low.model}/*/{closing.region}",
        day=closing.day,
        factor=low.factor,
        members=low.members,
        firmware=low.firmware,
    )
