"""How likely a subscription is cancelled: learned from those that were, stated until then."""

from datetime import date, timedelta

import numpy as np
import pytest

from services.analytics.domain.customers.at_closing import subscribed
from services.analytics.domain.customers.customer import Description
from services.analytics.domain.drops.state import States
from services.analytics.domain.risks.cancelling import Paid, cancelled, cancels, extra, paid, prior
from services.analytics.domain.risks.habits import fold_uses
from services.analytics.domain.risks.learning import learn
from services.analytics.domain.risks.lessons import Snapshot
from services.analytics.domain.risks.numbers import Coded
from services.analytics.domain.risks.prior import Prior
from shared.events.customer_changed import Subscription
from tests.analytics.domain.customers.test_customer import after, news

FIRST = date(2026, 3, 2)
N = 1_200


def told(day, paying, price=None):
    return Description(FIRST + timedelta(days=day), price=price, paying=paying)


@pytest.mark.parametrize(
    ("history", "since"),
    [
        pytest.param([], None, id="nobody has told"),
        pytest.param([told(0, None)], None, id="nothing about a subscription"),
        pytest.param([told(0, None, 9.0)], 0, id="a price told to a release before"),
        pytest.param([told(0, None, 0.0)], None, id="free or cancelled: that release did not say"),
        pytest.param([told(0, True), told(4, True, 9.0)], 0, id="a change of price is no break"),
        pytest.param([told(0, True), told(4, False)], None, id="cancelled"),
        pytest.param([told(0, True), told(4, False), told(9, True)], 9, id="and taken again"),
    ],
)
def test_since_when_a_subscription_runs(history, since):
    assert subscribed(history) == (None if since is None else FIRST + timedelta(days=since))


@pytest.mark.parametrize(
    ("day", "known", "wanted"),
    [
        pytest.param(5, 60, Paid(5, (FIRST + timedelta(days=20)).toordinal()), id="ends later"),
        pytest.param(5, 19, Paid(5, 0), id="which nobody knew by then"),
        pytest.param(20, 60, None, id="over"),
        pytest.param(31, 60, Paid(1, 0), id="taken again"),
    ],
)
def test_a_subscription_as_an_earlier_day_knew_it(day, known, wanted):
    history = [told(0, True), told(20, False), told(30, True)]
    days = FIRST + timedelta(days=day), FIRST + timedelta(days=known)
    assert paid(history, *days) == wanted


@pytest.mark.parametrize(
    ("status", "paying"),
    [("trial", True), ("active", True), ("cancelled", False), ("ended", False), (None, None)],
)
def test_what_billing_tells_is_kept(status, paying):
    term = status and Subscription(plan="plus", started_at=news().at, status=status)
    assert after(news(subscription=term)).history[-1].paying is paying


def test_a_cancellation_within_the_horizon_counts():
    ends = np.array([0, 100, 101, 130, 131])
    assert cancelled(ends, 100, 30).tolist() == [False, False, True, True, False]


def lived(day, rng):
    """Ninety days of use; a third uses more and more often for the last twenty: it will cancel."""
    states, leaves = States.new(N), np.arange(N) % 3 == 0
    for n in range(90):
        rate = np.where(leaves & (n >= 70), 4.0, 1.5)
        uses = rng.poisson(rate).astype(float)
        states = fold_uses(states, day - 89 + n, uses, np.ones(N, dtype=bool))
    ends = np.where(leaves & (rng.random(N) < 0.7), day + rng.integers(1, 31, N), 0)
    return states, ends, np.full(N, 90.0)


def test_who_interacts_more_before_they_cancel_is_found():
    """Silence could not tell: they are the liveliest of all."""
    day, rng = FIRST.toordinal(), np.random.default_rng(3)
    snapshots, wanted = [], {}
    for earlier in (day - 120, day - 90, day - 60):
        states, ends, days = lived(earlier, rng)
        snapshots.append(Snapshot(earlier, states, ends, extra(days)))
        wanted[earlier] = [30]
    fitted = learn(snapshots, wanted, Prior(), day, cancelled)
    assert fitted is not None
    assert fitted.head.graded[0].measures.auc > 0.8
    states, ends, days = lived(day, rng)
    said = cancels(fitted, states, day, days, 1.0)
    assert said.head == day
    leaves = np.arange(N) % 3 == 0
    assert said.soon[leaves].mean() == pytest.approx(0.7, abs=0.1)
    assert said.soon[~leaves].mean() < 0.1
    assert (said.later >= said.soon).all()


def test_until_somebody_has_cancelled_one_number_is_stated():
    days = np.array([10.0, np.nan])
    said = cancels(None, States.new(2), FIRST.toordinal(), days, 1.0)
    assert said.head is None
    assert said.soon[0] == pytest.approx(prior(30.0)) == pytest.approx(0.03)
    assert said.later[0] == pytest.approx(1 - 0.97**3)
    assert np.isnan(said.soon[1])
    assert Coded.shares(said.soon).values == [None, 0.03]


def test_where_billing_tells_of_nobody_nothing_is_said():
    assert cancels(None, States.new(2), FIRST.toordinal(), np.full(2, np.nan), 1.0) is None
