"""A file of products: each as it is meant, or every line that is wrong."""

import pytest

from services.journey.domain.products.product import Product
from services.journey.domain.products.product_lines import COLUMNS, read_products, table, unknown

HEADER = ",".join(COLUMNS)
WHOLE = "cam 2,Camera 2,device,119,0.4,60.5,,cam|plus,cam,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z"


def read(*lines, header=HEADER):
    return read_products(table("\n".join([header, *lines])))


def test_a_line_with_everything_and_one_with_little():
    lines = WHOLE, "plus,,subscription,4.5,,,cameras=5| days = 30,,,,", "bag,,,,,,,,,,"
    products, wrong = read(*lines)
    assert wrong == []
    camera, plus, undescribed = products
    assert undescribed == Product("bag", "bag")
    assert (camera.works_with, camera.replaces) == (("cam", "plus"), "cam")
    assert (camera.price, camera.margin, camera.exchange_cost) == (119, 0.4, 60.5)
    assert camera.sold_until.year == 2027
    assert plus == Product(
        "plus", "plus", "subscription", price=4.5, limits={"cameras": 5, "days": 30}
    )


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("cam,,camera,,,,,,,,", "kind: text of 6 characters, expected one of device, accessory"),
        (",,device,,,,,,,,", "id: nothing, expected what purchases"),
        ("cam,,device,-1,,,,,,,", "price: a number, expected a number from 0 on"),
        ("cam,,device,٣,,,,,,,", "price: a number, expected a number from 0 on, digits"),
        ("cam,,device,,1.5,,,,,,", "margin: a number, expected a number from 0 to 1"),
        ("cam,,device,,,,five cameras,,,,", "limits: text of 12 characters, expected words and"),
        ("cam,,device,,,,a=1|a=2,,,,", "limits: text of 7 characters, expected words and"),
        ("cam,,device,,,,,,,01/02/2026,", "sold_from: text of 10 characters, expected an RFC 3339"),
        (
            "cam,,device,,,,,,,2026-02-01T00:00:00Z,2026-02-01T00:00:00Z",
            "sold_until: text of 20 characters, expected a time after sold_from",
        ),
        ("cam,#REF!,device,,,,,,,,", "name: text of 5 characters, expected up to 256 printable"),
        ("cam,a\u202eb,device,,,,,,,,", "name: text of 3 characters, expected up to 256"),
        ("cam,device", "2 fields, expected 11 as in the header"),
        (WHOLE, "id: known from a line above"),
    ],
)
def test_each_wrong_line_is_told_and_the_rest_read(line, error):
    _, wrong = read(WHOLE, line, "plus,,subscription,,,,,,,,")
    assert [one.line for one in wrong] == [3]
    assert wrong[0].error.startswith(error)


def test_products_that_there_are_not_are_named_with_what_was_meant():
    products, _ = read(WHOLE, "solar,,accessory,,,,,cam 3|solar,,,")
    assert list(unknown(products, {"plus", "cam"})) == [
        "solar: works_with: no product cam 3; meant cam 2?",
        "solar: works_with: the product itself, expected another one",
    ]
