"""When a purchase with a code brings rewards, and what a code is."""

import pytest

from services.journey.domain.customers.state import State, Switch
from services.journey.domain.referrals.redemption import (
    ALPHABET,
    Person,
    against,
    code_of,
    reached_at,
    read_code,
)

HAD = State(devices={"cam-1": [Switch(1, 5, "x", True), Switch(2, 9, "y", False)]})


def person(id_, *where, state=None):
    return Person(id_, reached_at(*where), state or State())


@pytest.mark.parametrize(
    ("customer", "friend", "expected"),
    [
        (person("a", "1 Elm"), person("b", "2 Elm"), None),
        (person("a"), person("a"), "own_code"),
        (person("a", "1, Elm Road"), person("b", "1 elm road"), "same_address"),
        (person("a", None, "A@x.org"), person("b", "9 Elm", "a@x.org"), "same_address"),
        (person("a", None, ""), person("b", None, ""), None),
        (person("a", state=HAD), person("b", state=HAD), "same_device"),
        (person("a", state=HAD), person("b"), None),
    ],
    ids=["neighbours", "own code", "address", "mail", "nothing known", "device", "one device"],
)
def test_what_speaks_against_rewards(customer, friend, expected):
    assert against(customer, friend, redeemed=False, paid_back=False) == expected


def test_a_friend_is_new_once_and_an_order_that_was_paid_back_brings_nothing():
    both = person("a"), person("b")
    assert against(*both, redeemed=True, paid_back=True) == "redeemed_already"
    assert against(*both, redeemed=False, paid_back=True) == "paid_back"


def test_a_code_is_easy_to_say_and_read_as_people_type_it():
    code = code_of([255, *range(10)])
    assert code == "23456-789AB"
    assert read_code("23456789ab ") == code
    assert not set("01OILU") & set(ALPHABET)
