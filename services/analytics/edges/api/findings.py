"""`/v1/findings`: every change of tier, the oldest first."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.analytics.edges.api.units import Read
from services.analytics.edges.api.views import FindingView
from shared.web import pages
from shared.web.pages import After, Limit, Page
from shared.web.times import Time

router = APIRouter(prefix="/v1/findings", tags=["risks"])

NO_NUL = r"^[^\x00]*$"


@router.get("")
async def list_findings(
    read: Read,
    since: Annotated[
        Time | None,
        Query(description="Only changes of days closed at or after this time."),
    ] = None,
    customer: Annotated[str | None, Query(max_length=200, pattern=NO_NUL)] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[FindingView]:
    """Changes of tier in the order of the closings."""
    position = pages.by_time(after)
    async with read() as store:
        rows = await store.risks.findings(since, customer, position, limit + 1)
    return pages.page(
        rows, limit, lambda row: FindingView(**row), lambda row: (row["at"], row["id"])
    )
