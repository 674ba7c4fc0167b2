"""`/v1/findings`: every change of tier, the oldest first."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from services.analytics.edges.api.views import FindingView
from services.analytics.errors import BadCursor
from services.analytics.store.risks import Risks
from shared.web import pages
from shared.web.pages import After, Limit, Page

router = APIRouter(prefix="/v1/findings", tags=["risks"])

NO_NUL = r"^[^\x00]*$"


@router.get("")
async def list_findings(
    request: Request,
    since: Annotated[
        AwareDatetime | None,
        Query(description="Only changes of days closed at or after this time."),
    ] = None,
    customer: Annotated[str | None, Query(max_length=200, pattern=NO_NUL)] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[FindingView]:
    """Changes of tier in the order of the closings."""
    place = None if after is None else _place(after)
    async with request.app.state.engine.connect() as connection:
        found = await Risks(connection).findings(since, customer, place, limit + 1)
    return pages.page(
        found, limit, lambda row: FindingView(**row), lambda row: (row["at"], row["id"])
    )


def _place(after: tuple[Any, ...]) -> tuple[datetime, str]:
    match after:
        case (at, str() as id_):
            return pages.moment(at), id_
        case _:
            raise BadCursor
