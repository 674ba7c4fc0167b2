"""Units of work: what two requests without a key of their own make are two things."""

import pytest

from shared import ids
from tests.units import units

pytestmark = pytest.mark.servers


async def made(begin, *cause):
    async with begin(None, *cause) as unit:
        return ids.derived("journey", unit.cause, "thing")


async def test_what_two_units_make_has_two_ids_and_of_one_cause_one(stream_engine):
    begin = units("journey", lambda _: None, engine=stream_engine).begin
    assert await made(begin) != await made(begin)
    assert await made(begin, "key") == await made(begin, "key")
