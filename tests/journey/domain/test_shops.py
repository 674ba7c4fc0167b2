"""How what shops send is understood; what is wrong with a mapping, or with a body, is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.journey.domain.deliveries.read_shops import read_shops
from services.journey.domain.deliveries.shop import Means
from services.journey.domain.deliveries.understand import Told, decoded, kind_of, understand
from services.journey.domain.messages.signature import is_signed, key_of, shop_keys, signed
from services.journey.domain.renewals.outcome import Reason
from services.journey.errors import NotUnderstood

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = "whsec_" + "a" * 32, "whsec_" + "b" * 32
HEAD = "shop: web-shop\nsays: Sells.\nkind: type\ncustomer: customer\n"


def shops(folder="home-camera"):
    at = ROOT / "playbooks" / folder
    texts = {f"shops/{path.name}": path.read_text() for path in at.glob("shops/*.yaml")}
    problems = []
    read = read_shops(texts, problems)
    assert problems == []
    return read


def understood(shop, body, sent_at=AT):
    return understand(shop, shop.events[kind_of(shop, body)], body, sent_at)


def order(**changed):
    lines = [{"sku": "doorcam-2", "price": "99.90"}, {"sku": "chime", "price": 20}]
    data = {"customer": {"reference": "c-1"}, "at": "2026-03-01T10:00:00+02:00", "lines": lines}
    return {"type": "order.paid", "data": {**data, **changed}}


def test_an_order_is_as_many_purchases_as_it_has_lines():
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    bought = {"means": Means.PURCHASE, "customer": "c-1", "at": at}
    assert understood(shops()["web-shop"], order()) == [
        Told(**bought, product="doorcam-2", price=99.9),
        Told(**bought, product="chime", price=20.0),
    ]


def billed(kind, **said):
    return {
        "type": kind, "created": 1_772_366_400,
        "data": {"object": {"metadata": {"customer": 7}, **said}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (billed("invoice.paid", period_end=1_775_044_800), {"means": Means.RENEWAL, "renews_at": datetime(2026, 4, 1, 12, tzinfo=UTC)}),
        (billed("invoice.payment_failed"), {"means": Means.FAILED_PAYMENT}),
        (billed("subscription.canceled", cancellation={"feedback": "unused"}), {"means": Means.CANCELLATION, "reason": Reason.NOT_NEEDED}),
        (billed("subscription.canceled", cancellation={"feedback": "whim"}), {"means": Means.CANCELLATION, "reason": Reason.OTHER}),
        (billed("subscription.canceled"), {"means": Means.CANCELLATION}),
        (billed("charge.refunded", invoice="i-1", plan="pro", amount_refunded=990), {"means": Means.REFUND, "order": "i-1", "product": "pro", "price": 9.9}),
    ],
)  # fmt: skip
def test_what_a_billing_system_tells(body, expected):
    assert understood(shops()["billing"], body) == [Told(customer="7", at=AT, **expected)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"customer": {}}, "data.customer.reference: nothing, expected a text"),
        ({"customer": {"reference": "ann@example.org"}}, "data.customer.reference: no id of a customer, expected 1 to 64"),
        ({"at": "yesterday"}, "data.at: a text, expected a time with its zone"),
        ({"at": "2036-03-01T10:00:00Z"}, "data.at: a time too far ahead, expected a time up to 400 days ahead"),
        ({"lines": {}}, "data.lines: an object, expected a list of 1 to 100"),
        ({"lines": []}, "data.lines: 0 members, expected a list of 1 to 100"),
        ({"lines": [{"sku": "x"}, {"price": 2}]}, "data.lines[1].sku: nothing, expected a text"),
        ({"lines": [{"sku": "x", "price": "dear"}]}, "data.lines[0].price: nothing, expected a price"),
        ({"lines": [{"sku": "x", "price": -1}]}, "data.lines[0].price: a number, expected a price"),
        ({"lines": [{"sku": "x\0"}]}, "data.lines[0].sku: a text with signs nobody sees"),
        ({"lines": [{"sku": "x" * 300}]}, "data.lines[0].sku: 300 characters, expected 256 at most"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named_without_its_value(changed, expected):
    with pytest.raises(NotUnderstood) as raised:
        understood(shops()["web-shop"], order(**changed))
    assert str(raised.value).startswith(expected)
    assert "example.org" not in str(raised.value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000])
def test_what_is_no_json_is_said_to_be_none(body):
    with pytest.raises(NotUnderstood):
        decoded(body)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("- {event: x, means: purchse, fields: {product: p}}", "shops/a.yaml:6: events[0].means: unknown meaning `purchse`; did you mean `purchase`?"),
        ("- {event: x, means: purchase}", "shops/a.yaml:6: events[0].fields: expected the fields product, price"),
        ("- {event: x, means: purchase, fields: {prodct: p}}", "shops/a.yaml:6: events[0].fields.prodct: unknown field; did you mean `product`?"),
        ("- {event: x, means: renewal, fields: {price: p}}", "shops/a.yaml:6: events[0].fields: field `renews_at` is missing"),
        ("- {event: x, means: purchase, fields: {product: a b}}", "shops/a.yaml:6: events[0].fields.product: expected where it stands, like data.order.total"),
        ("- {event: x, means: purchase, fields: {product: .sku}}", "shops/a.yaml:6: events[0].fields.product: expected where it stands, like data.order.total"),
        ("- {event: x, means: cancellation, fields: {reason: r}, reasons: {dear: prise}}", "shops/a.yaml:6: events[0].reasons.dear: unknown reason `prise`; did you mean `price`?"),
        ("- {event: x, means: failed payment, reasons: {dear: price}}", "shops/a.yaml:6: events[0].reasons: only a cancellation with the field `reason` has them"),
        ("- {event: x, means: failed payment}\n- {event: x, means: refund}", "shops/a.yaml:7: events[1].event: `x` is taken"),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_named_where_it_stands(said, expected):
    problems = []
    read_shops({"shops/a.yaml": f"{HEAD}events:\n{said}\n"}, problems)
    assert expected in [str(problem) for problem in problems]


def test_a_shop_is_named_once():
    problems = []
    events = "events: [{event: x, means: failed payment}]\n"
    read_shops({"shops/a.yaml": HEAD + events, "shops/b.yaml": HEAD + events}, problems)
    assert [str(p) for p in problems] == ["shops/b.yaml:1: shop: `web-shop` is taken"]


def test_two_secrets_are_good_while_one_is_changed():
    keys = shop_keys(f"web-shop={OLD},{NEW} billing={OLD}")
    for secret, shop, expected in ((OLD, "web-shop", True), (NEW, "web-shop", True), (NEW, "billing", False)):  # fmt: skip
        said = signed(key_of(secret), "m-1", 5, b"{}")["webhook-signature"]
        assert is_signed(keys[shop], "m-1", 5, b"{}", f"v1,x v2,y {said}") is expected
    for changed in (("m-2", 5, b"{}"), ("m-1", 6, b"{}"), ("m-1", 5, b"{ }")):
        assert not is_signed(keys["web-shop"], *changed, said)


@pytest.mark.parametrize(
    "secrets", ["web-shop", "=x", f"a={OLD} a={NEW}", f"a={OLD},{NEW},{OLD}", "a=whsec_short"]
)
def test_secrets_that_are_none_are_refused_without_being_named(secrets):
    with pytest.raises(ValueError, match="expected") as raised:
        shop_keys(secrets)
    assert OLD not in str(raised.value)
