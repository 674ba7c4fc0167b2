"""What may be offered, and the one reason why the rest may not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.journey.domain.products.offers import offers
from services.journey.domain.products.product import Product

NOW = datetime(2026, 5, 13, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CAM = Product("cam", "Camera", "device", price=99.0)
CAM2 = Product("cam 2", "Camera 2", "device", price=119.0, replaces="cam")
SOLAR = Product("solar", "Solar panel", "accessory", price=39.0, works_with=("cam", "cam 2"))
PLUS = Product("plus", "Plus", "subscription", price=4.5, works_with=("cam",))


@pytest.mark.parametrize(
    ("product", "owned", "refusal", "instead"),
    [
        pytest.param(CAM, {"plus"}, None, [], id="nothing against it"),
        pytest.param(SOLAR, {"cam"}, None, [], id="works with what they have"),
        pytest.param(SOLAR, {"plus"}, "incompatible", ["cam", "cam 2"], id="with nothing"),
        pytest.param(SOLAR, {"solar"}, "owned", [], id="owned, and incompatible"),
        pytest.param(CAM, {"cam 2"}, "outdated", ["cam 2"], id="what replaced it is there"),
        pytest.param(replace(CAM, kind=None), set(), "not_described", [], id="no kind"),
        pytest.param(replace(CAM, price=None), set(), "not_described", [], id="no price"),
        pytest.param(
            replace(CAM, sold_from=NOW + DAY), set(), "not_yet_sold", [], id="sold from tomorrow"
        ),
        pytest.param(replace(CAM, sold_from=NOW), set(), None, [], id="sold from now"),
        pytest.param(
            replace(CAM, sold_until=NOW), set(), "no_longer_sold", ["cam 2"], id="until now"
        ),
        pytest.param(replace(CAM, sold_until=NOW + DAY), set(), None, [], id="until tomorrow"),
    ],
)
def test_a_product_for_a_customer(product, owned, refusal, instead):
    answers = {offer.product.id: offer for offer in offers([product, CAM2], owned, NOW)}
    offer = answers[product.id]
    assert (offer.refusal, list(offer.instead)) == (refusal, instead)


def test_products_that_replace_each_other_in_a_circle_come_to_an_end():
    circle = [
        replace(CAM, id="a", replaces="b"),
        replace(CAM, id="b", replaces="c"),
        replace(CAM, id="c", replaces="a"),
        replace(CAM, id="own", replaces="own"),
    ]
    found = {offer.product.id: offer for offer in offers(circle, {"b"}, NOW)}
    assert [found[id_].refusal for id_ in ("a", "b", "c", "own")] == [
        "outdated", "owned", "outdated", None,
    ]  # fmt: skip
    assert list(found["c"].instead) == ["b"]
