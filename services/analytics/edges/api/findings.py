"""`/v1/findings`: every change of tier, the oldest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.analytics.edges.api.views import FindingView
from services.analytics.store.risks import Risks
from shared.web import pages
from shared.web.pages import After, Limit, Page
from shared.web.times import Time

router = APIRouter(prefix="/v1/findings", tags=["risks"])

NO_NUL = r"^[^\x00]*$"


@router.get("")
async def list_findings(
    request: Request,
    since: Annotated[
        Time | None,
        Query(description="Only changes of days closed at or after this time."),
    ] = None,
    customer: Annotated[str | None, Query(max_length=200, pattern=NO_NUL)] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[FindingView]:
    """Changes of tier in the order of the closings."""
    place = pages.by_time(after)
    async with request.app.state.engine.connect() as connection:
        found = await Risks(connection).findings(since, customer, place, limit + 1)
    return pages.page(
        found, limit, lambda row: FindingView(**row), lambda row: (row["at"], row["id"])
    )
