"""A product in a form and back: nothing changes that nobody touched; what is no number is named."""

from datetime import UTC, datetime

import pytest

from services.console.domain.pages.products.product_form import from_form, to_form

PRODUCT = {
    "name": "Plus", "kind": "subscription", "price": 4.5, "margin": 0.35, "exchange_cost": None,
    "limits": {"cameras": 5.0, "days": 30.0}, "works_with": ["cam / 2", "lock"], "replaces": None,
    "sold_from": datetime(2026, 2, 28, 23, tzinfo=UTC), "sold_until": None,
}  # fmt: skip


def test_what_a_form_shows_is_what_it_sends():
    form = to_form(PRODUCT, "Europe/Berlin")
    assert (form["sold_from"], form["margin"]) == ("2026-03-01", "35")
    body, wrong = from_form(form, "Europe/Berlin")
    assert wrong == set()
    assert datetime.fromisoformat(body.pop("sold_from")) == PRODUCT["sold_from"]
    assert body == {name: value for name, value in PRODUCT.items() if name != "sold_from"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("price", "ninety"), ("price", "nan"), ("exchange_cost", "inf"), ("margin", "35 %"),
        ("limits", "cameras"), ("limits", "cameras=many"), ("limits", "=5"), ("limits", "a=nan"),
        ("sold_from", "01/02/2026"), ("sold_until", "2026-02-30"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(field, typed):
    assert from_form(to_form(PRODUCT, "UTC") | {field: typed}, "UTC")[1] == {field}
