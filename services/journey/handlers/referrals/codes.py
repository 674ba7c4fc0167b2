"""Customers get their referral codes: drawn when they are first asked for, and theirs for good."""

from collections.abc import Collection, Mapping

from services.journey.domain.referrals.redemption import LENGTH, code_of
from services.journey.handlers.customers import audited
from services.journey.handlers.ports import Unit
from shared import ids


async def codes(unit: Unit, customers: Collection[str]) -> Mapping[str, str]:
    """The codes of customers, who are held; those that have none get one."""
    known = dict(await unit.store.referrals.codes_of(customers))
    without = sorted(set(customers) - known.keys())
    while without:  # one in 2^49 is somebody's
        drawn = {id_: code_of(ids.random_bytes(LENGTH * 2)) for id_ in without}
        for id_ in await unit.store.referrals.give(drawn, unit.now):
            known[id_] = drawn[id_]
            unit.audit("customer.referral_code", audited.KIND, id_)
        without = [id_ for id_ in without if id_ not in known]
    return known
