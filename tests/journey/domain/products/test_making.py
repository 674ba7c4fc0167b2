"""What speaks against an offer, and what it costs."""

from datetime import UTC, datetime

import pytest

from services.journey.domain.products.making import Shop, Wanted, against, price_of
from services.journey.domain.products.product import Product

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CATALOGUE = [
    Product("cam", "Camera", "device", 100.0),
    Product("cam-2", "Camera 2", "device", 119.0, replaces="cam"),
    Product("basic", "Basic", "subscription", 3.0),
    Product("pro", "Pro", "subscription", 6.0),
    Product("heard", "heard"),
    Product("old", "Old", "device", 9.0, sold_until=NOW),
]


def wanted(product, kind="promotion", **more):
    return Wanted(kind=kind, product=product, until=NOW, **more)


@pytest.mark.parametrize(
    ("wish", "owned", "offered", "trouble", "expected"),
    [
        (wanted("cam"), (), (), None, None),
        (wanted("cma"), (), (), None, "unknown_product"),
        (wanted("heard"), (), (), None, "not_described"),
        (wanted("old"), (), (), None, "no_longer_sold"),
        (wanted("cam"), ("cam",), (), None, "owned"),
        (wanted("cam"), (), ("cam",), None, "offered_already"),
        (wanted("cam-2", "upgrade"), ("cam",), (), None, None),
        (wanted("cam-2", "upgrade"), ("basic",), (), None, "nothing_to_upgrade"),
        (wanted("pro", "upgrade"), ("basic",), (), None, None),
        (wanted("pro", "upgrade"), ("cam",), (), None, "nothing_to_upgrade"),
        (wanted("cam"), (), (), NOW, "trouble_open"),
        (wanted("cam"), ("cam",), (), NOW, "owned"),
    ],
    ids=str,
)
def test_what_speaks_against_an_offer(wish, owned, offered, trouble, expected):
    assert against(wish, Shop(CATALOGUE, owned, offered, trouble), NOW) == expected


def test_what_an_offer_costs():
    cam = CATALOGUE[0]
    assert price_of(wanted("cam"), cam) == 100
    assert price_of(wanted("cam", discount=15), cam) == 85
    assert price_of(wanted("cam", price=79), cam) == 79
