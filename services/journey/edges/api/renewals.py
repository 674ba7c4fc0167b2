"""/v1/renewals: terms that end soon, and what came of them. How billing tells: customers.py."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.journey.domain.renewals.outcome import Outcome, Reason, Whose, needs_reason
from services.journey.edges.api.units import Change, Read
from services.journey.handlers.renewals import decide
from shared.moments import in_utc
from shared.web import etags
from shared.web.bodies import Body, View
from shared.web.etags import IfMatch
from shared.web.guards.auth import Seen
from shared.web.identities import CustomerId
from shared.web.identities import KnownCustomer as Id
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.problems import Problem
from shared.web.times import Time

router = APIRouter(prefix="/v1/renewals", tags=["customers"])


class OutcomeIn(Body):
    """What came of a term."""

    term_ends: Time = Field(description="Which term: its end, as the list says it.")
    outcome: Outcome
    reason: Reason | None = Field(None, description="Of who goes on with less, or not at all.")


class OutcomeOut(View):
    """What came of a term, and who says so."""

    outcome: Outcome
    reason: Reason | None
    who: str = Field(description="`account:<id>`.")
    at: Time


class RenewalOut(BaseModel):
    """A term that ends soon, or has ended and was not renewed."""

    customer: str
    name: str | None = Field(description="null: nobody has told it, or your roles do not see it.")
    kind: Literal["household", "business"]
    region: str
    stage: str | None
    plan: str
    price_month: float
    status: Literal["trial", "active", "cancelled"] = Field(
        description="active: it goes on by itself; cancelled: it ends then."
    )
    term_ends: Time
    decided: OutcomeOut | None = Field(description="null: nobody has said yet.")
    etag: str = Field(description="Of `decided`: the `If-Match` of who says it.")


@router.get("")
async def list_renewals(
    read: Read,
    sees: Seen,
    within: Annotated[
        int, Query(ge=1, le=365, description="Days from now; and 30 back, of terms not renewed.")
    ] = 90,
    decided: Annotated[
        bool | None, Query(description="true: only where somebody has said what came of it.")
    ] = None,
    customer: Annotated[CustomerId | None, Query(description="Only theirs.")] = None,
    csm: Annotated[
        str | None,
        Query(max_length=200, pattern=r"^[!-~]+$", description="`account:<id>`, or none."),
    ] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[RenewalOut]:
    """Terms by their ends, the next one first; a page with names is audited."""
    named = sees == "all"
    async with read.audited() as unit:
        rows = await decide.listed(
            unit,
            timedelta(days=within),
            by_time(after),
            limit,
            names=named,
            whose=Whose(decided, customer, csm),
        )
    return page(
        rows,
        limit,
        lambda row: RenewalOut(
            customer=row.customer, name=row.name if named else None, kind=row.kind,
            region=row.region, stage=row.stage, plan=row.plan, price_month=row.price_month,
            status=row.status, term_ends=row.renews_at,
            decided=OutcomeOut.model_validate(row) if row.outcome else None, etag=_etag(row),
        ),
        lambda row: (row.renews_at, row.customer),
    )  # fmt: skip


@router.put("/{id}")
async def put_outcome(
    change: Change, response: Response, id_: Id, said: OutcomeIn, if_match: IfMatch = None
) -> OutcomeOut:
    """Write down what came of a customer's term; who says it again, or better, overwrites it."""
    if wrong := needs_reason(said.outcome, said.reason):
        raise Problem(
            422, "bad_reason", "The reason does not fit the outcome", f"body.reason: {wrong}"
        )
    async with change() as unit:
        decided = await decide.decide(
            unit, id_, said.term_ends, said.outcome, said.reason,
            lambda present: etags.check(if_match, _etag(present)),
        )  # fmt: skip
    response.headers["ETag"] = _etag(decided)
    return OutcomeOut.model_validate(decided)


def _etag(said: Any | None) -> str:
    """Of what was said of a term, as a row or as it was decided; of nothing too."""
    if said is None or said.outcome is None:
        return etags.of_text("nothing")
    return etags.of_text(f"{said.outcome} {said.reason} {in_utc(said.at).isoformat()}")
