"""A friend bought with a customer's code: both get rewards, once the order can not be sent back any more."""

from dataclasses import dataclass
from typing import Any

from services.journey.domain.customers import fold
from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.state import Dated, State
from services.journey.domain.days import seconds
from services.journey.domain.facts import friends_bought
from services.journey.domain.referrals.redemption import (
    NotRedeemed,
    Person,
    RewardState,
    Side,
    against,
    reached_at,
    read_code,
)
from services.journey.handlers.customers import audited
from services.journey.handlers.ports import Unit
from services.journey.handlers.referrals.codes import codes
from services.journey.handlers.stages.advance import Work, update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared import ids
from shared.errors import NotFound
from shared.events import RewardChanged

SERVICE = "journey"


@dataclass(frozen=True, slots=True)
class Bought:
    """What the friend bought; `order`: the shop's number of it."""

    code: str
    friend: str
    product: str
    order: str


async def hand_out(unit: Unit, customer: str) -> str:
    """The code of a customer; they get one when it is asked for first. Raises: NotFound."""
    if not await unit.store.customers.hold_existing([customer]):
        raise NotFound("customer", customer)
    return (await codes(unit, [customer]))[customer]


async def redeem(unit: Unit, bought: Bought) -> str:
    """Both have rewards; returns the redemption's id. Raises: NotFound; NotRedeemed."""
    code = read_code(bought.code)
    customer = await unit.store.referrals.whose(code)
    if customer is None:
        raise NotFound("referral code", "as given")
    both = {customer, bought.friend}
    held = await unit.store.customers.hold_existing(both)
    for id_ in both - held.keys():
        raise NotFound("customer", id_)
    people = await _people(unit, held)
    why = against(
        people[customer], people[bought.friend],
        redeemed=await unit.store.referrals.has_redeemed(bought.friend),
        paid_back=await unit.store.referrals.paid_back(bought.friend, bought.order),
    )  # fmt: skip
    if why is not None:
        raise NotRedeemed(why)
    id_ = ids.derived(SERVICE, unit.cause, "redemption")
    given = unit.rules.rewards
    sides = (("customer", customer, given.customer), ("friend", bought.friend, given.friend))
    rewards: list[dict[str, Any]] = [
        {
            "id": ids.derived(SERVICE, id_, f"reward/{side}"), "redemption": id_,
            "customer": whose, "side": side, "code": code, "product": bought.product,
            "order": bought.order, "amount": amount, "state": "pending",
            "redeemed_at": unit.now, "due_at": unit.now + given.return_within,
        }
        for side, whose, amount in sides
    ]  # fmt: skip
    await unit.store.referrals.add(rewards)
    for row in rewards:
        _tell(unit, row["id"], row["customer"], row["side"], "pending")
    await _count(unit, held[customer], people[customer].state, id_)
    after = {"redemption": id_, "product": bought.product}
    unit.audit("referral.redeem", audited.KIND, bought.friend, after=after)
    return id_


async def read(unit: Unit, redemption: str) -> Any:
    """The rewards of one purchase with a code."""
    return await unit.store.referrals.of_redemption(redemption)


async def paid_back(unit: Unit, friend: str, order: str) -> None:
    """An order was paid back: rewards that are not final yet are taken back; the friend is held."""
    reversed_ones = await unit.store.referrals.reverse(friend, order, unit.now)
    if reversed_ones:
        taken = [row.id for row in reversed_ones]
        unit.audit("referral.reverse", audited.KIND, friend, after={"rewards": taken})
    for row in reversed_ones:
        _tell(unit, row.id, row.customer, row.side, row.state)


async def fire_rewards(unit: Unit, limit: int) -> int:
    """Rewards whose order can not be sent back any more are final."""
    final = await unit.store.referrals.settle(unit.now, limit)
    for row in final:
        _tell(unit, row.id, row.customer, row.side, row.state)
    return len(final)


async def _count(unit: Unit, customer: Customer, state: State, redemption: str) -> None:
    """One friend more is a fact of who recommended us: their runs and stages go on with it."""
    at = seconds(unit.now)
    cause = f"{friends_bought.NAME}:{redemption}"
    work = Work(customer, state, cause, at)
    mark = Dated(at, cause, friends_bought.value(state, at) + 1)
    work.fold(lambda known: fold.say(known, friends_bought.NAME, mark), cause)
    await on_stages(unit, await update_stages(unit, [work]))


def _tell(unit: Unit, id_: str, customer: str, side: Side, state: RewardState) -> None:
    unit.emit(
        RewardChanged(at=unit.now, customer=customer, reward=id_, side=side, state=state),
        key=f"c:{customer}", cause=f"reward:{id_}", kind=f"reward_{state}",
    )  # fmt: skip


async def _people(unit: Unit, held: Any) -> dict[str, Person]:
    states = await unit.store.customers.states(list(held.values()))
    profiles = await unit.store.reader.profiles(held)
    people: dict[str, Person] = {}
    for id_ in held:
        told = profiles.get(id_)
        where = () if told is None else (told.address, told.email, told.phone)
        people[id_] = Person(id_, reached_at(*where), states[id_])
    return people
