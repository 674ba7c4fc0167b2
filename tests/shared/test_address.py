"""Whom an address counts for."""

import pytest

from shared.address import network


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8:0:0:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::1", "0:0:0:0:0:0:0:1", True),
    ],
)
def test_one_household_has_one_set_of_tries(one, other, same):
    assert (network(one) == network(other)) is same
