"""Which customers the tour leads to: those whose story is told, and that were found as they are."""

from datetime import UTC, datetime

import pytest

from tools.demo.tour import outage, worn_off
from tools.fleet.copied import victim
from tools.fleet.fleet import Fleet


def told(persona="steady", *, outages=0, drop=None):
    return {"persona": persona, "outages": [{}] * outages, "drop": drop, "devices": [persona]}


def finding(customer, tier, day="2026-03-01"):
    return {"customer": customer, "tier": tier, "day": day}


CUSTOMERS = {
    "ann": told("steady", outages=1),
    "ben": told("novelty", drop={"kind": "novelty"}),
    "cleo": told("decline", drop={"kind": "decline"}),
    "dan": told("router_outage", outages=3),
    "eve": told("stop", outages=9, drop={"kind": "stop"}),
}


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param([], None, id="nobody was found"),
        pytest.param([finding("eve", "at_risk")], None, id="who stopped did not wear off"),
        pytest.param([finding("ben", "none")], None, id="found well again"),
        pytest.param(
            [finding("ben", "at_risk"), finding("cleo", "watch", "2026-03-09")], "ben", id="surer"
        ),
        pytest.param(
            [finding("ben", "at_risk"), finding("cleo", "at_risk", "2026-03-09")], "cleo", id="last"
        ),
    ],
)
def test_who_wore_off(findings, expected):
    assert worn_off(CUSTOMERS, findings) == expected


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param([], "dan", id="who had most, and dropped not"),
        pytest.param([finding("dan", "learning")], "dan", id="too early to say is no drop"),
        pytest.param([finding("dan", "watch")], "ann", id="who was taken for a drop is no example"),
        pytest.param([finding("dan", "watch"), finding("ann", "at_risk")], None, id="nobody"),
    ],
)
def test_whose_outage_was_no_churn(findings, expected):
    assert outage(CUSTOMERS, findings) == expected


def test_the_copied_device_is_of_somebody_who_just_lives():
    fleet = Fleet()
    fleet.plan(60, 30, 5, datetime(2026, 3, 1, tzinfo=UTC))
    copied = fleet.truth["copied"]
    personas = {each["persona"] for each in fleet.truth["customers"].values() if copied in each["devices"]}  # fmt: skip
    assert personas == {"steady"}
    assert victim(fleet.homes, -1e6) is None
