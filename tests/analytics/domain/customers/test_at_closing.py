"""What counts of a customer at a closing: nothing that was told for a later day."""

from datetime import date, timedelta

import pytest

from services.analytics.domain.customers.at_closing import at_closing, cohort_name
from services.analytics.domain.customers.customer import Customer, Description, Gain
from services.analytics.domain.customers.fitted import Fitted

DAY = date(2026, 6, 10)


def ago(days):
    return DAY - timedelta(days=days)


def customer(**known):
    return Customer(
        history=(
            Description(ago(30), "Europe/Berlin", "eu", "plus"),
            Description(DAY, "Asia/Tokyo", "apac", "pro"),
        ),
        **known,
    )


@pytest.mark.parametrize(
    ("day", "region", "cohort"),
    [
        pytest.param(ago(31), "default", "app/none", id="before it was described"),
        pytest.param(ago(30), "eu", "app/plus", id="from the first description on"),
        pytest.param(ago(1), "eu", "app/plus", id="the day before it moved"),
        pytest.param(DAY, "apac", "app/pro", id="moved"),
    ],
)
def test_region_and_cohort_on_a_day(day, region, cohort):
    found = at_closing(customer(), day)
    assert (found.region, found.cohort) == (region, cohort)


def test_a_model_counts_from_its_day():
    known = customer(fitted=(Fitted(ago(5), "cam"),))
    assert at_closing(known, ago(6)).cohort == "app/plus"
    assert at_closing(known, ago(5)).cohort == "cam/plus"


@pytest.mark.parametrize(
    ("owned", "expects"),
    [
        pytest.param((), (True, True, True), id="nothing known"),
        pytest.param((Gain(ago(9), 1),), (True, True, True), id="one device"),
        pytest.param((Gain(ago(9), 1), Gain(ago(4), -1)), (False, False, False), id="gone"),
        pytest.param((Gain(ago(9), 1), Gain(ago(2), -1)), (True, True, False), id="just gone"),
        pytest.param((Gain(ago(9), 2), Gain(ago(4), -1)), (True, True, True), id="one left"),
        pytest.param((Gain(ago(9), 1), Gain(ago(-1), -1)), (True, True, True), id="goes later"),
        pytest.param(
            (Gain(ago(9), 1), Gain(ago(4), -1), Gain(ago(-1), 1)),
            (False, False, False),
            id="another comes later",
        ),
    ],
)
def test_whether_silence_means_anything(owned, expects):
    assert at_closing(Customer(owned=owned), DAY).expects == expects


@pytest.mark.parametrize(
    ("owned", "waiting"),
    [
        pytest.param((Gain(ago(9), 1),), (False, False, False), id="has one"),
        pytest.param((Gain(ago(90), 1), Gain(ago(20), -1)), (True, True, True), id="20 days"),
        pytest.param((Gain(ago(90), 1), Gain(ago(29), -1)), (True, True, False), id="28 days"),
        pytest.param((Gain(ago(90), 1), Gain(ago(1), -1)), (False, True, True), id="just gone"),
    ],
)
def test_between_two_devices_no_day_is_judged(owned, waiting):
    assert at_closing(Customer(owned=owned), DAY).waiting == waiting


def test_an_erasure_counts_from_its_day():
    known = customer(erased_from=DAY)
    assert [at_closing(known, day).erased for day in (ago(1), DAY)] == [False, True]


def test_cohorts_are_called_by_their_region_outside():
    assert [cohort_name(name, "eu") for name in ("", "cam/plus")] == ["eu", "cam/plus/eu"]
