"""/v1/referrals: what friends bought with customers' codes, and the rewards of both."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.journey.domain.referrals.redemption import RewardState, Side
from services.journey.edges.api.models import Text
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.referrals import redeem
from shared.web.bodies import Body, View
from shared.web.identities import CustomerId, KnownCustomer
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.times import Time

router = APIRouter(prefix="/v1", tags=["customers"])


class CodeOut(BaseModel):
    """What a customer gives to friends."""

    code: str = Field(description="Ten letters and digits; case and dash do not matter.")


class RedemptionIn(Body):
    """A friend's purchase with a code."""

    code: Annotated[str, Field(min_length=10, max_length=40, pattern=r"^[A-Za-z0-9 -]+$")]
    customer: CustomerId = Field(description="Who bought: the friend.")
    product: Text
    order: Text = Field(description="The shop's number of it, as refunds name it.")


class RewardOut(View):
    """A reward of one of both."""

    id: str
    redemption: str = Field(description="Both rewards of a purchase have it.")
    customer: str
    side: Side = Field(description="customer: recommended us; friend: bought.")
    product: str
    order: str
    amount: float
    state: RewardState
    redeemed_at: Time
    due_at: Time | None = Field(description="When it is final; null: it is settled.")
    settled_at: Time | None


class RedemptionOut(BaseModel):
    """What both get."""

    id: str
    rewards: list[RewardOut]


@router.post("/customers/{id}/referral-code")
async def give_code(change: Change, id_: KnownCustomer) -> CodeOut:
    """The customer's code; the first time it is asked for they get one."""
    async with change() as unit:
        return CodeOut(code=await redeem.hand_out(unit, id_))


@router.post("/referrals/redemptions", status_code=201, response_model=RedemptionOut)
async def redeem_code(once: ChangeOnce, wish: RedemptionIn) -> Response:
    """A friend bought with a code. 409 `not_redeemed` with what speaks against rewards."""

    async def work(unit: Unit) -> RedemptionOut:
        bought = redeem.Bought(wish.code, wish.customer, wish.product, wish.order)
        id_ = await redeem.redeem(unit, bought)
        return RedemptionOut(id=id_, rewards=[_shown(row) for row in await redeem.read(unit, id_)])

    return await once(201, work)


@router.get("/referrals")
async def list_rewards(
    read: Read,
    state: RewardState | None = None,
    customer: Annotated[CustomerId | None, Query(description="Only theirs.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[RewardOut]:
    """The ledger, the newest first."""
    begin = by_time(after)
    async with read() as store:
        rows = await store.referrals.listed(state, customer, begin, limit + 1)
    return page(rows, limit, _shown, lambda row: (row.redeemed_at, row.id))


def _shown(row: Any) -> RewardOut:
    return RewardOut.model_validate(row)
