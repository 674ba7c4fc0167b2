"""Lines of a CSV: customers, or what is wrong with them, never a value."""

from datetime import UTC, datetime

import pytest

from services.journey.domain.customers.customer import NewCustomer, Profile, Purchase
from services.journey.domain.imports.cells import BadLine
from services.journey.domain.imports.import_lines import COLUMNS, read_lines
from shared.csv_table import BadHeader
from shared.events.customer_changed import Subscription

HEADER = ",".join(COLUMNS)
GOOD = {
    "id": "c-1", "kind": "business", "zone": "Europe/Berlin", "region": "eu", "name": "Ana",
    "email": "ana@example.org", "phone": "+49 1", "plan": "plus",
    "started_at": "2026-01-01T00:00:00Z", "renews_at": "2027-01-01T01:00:00+01:00",
    "price_month": "4.5", "product": "cam", "purchased_at": "2026-01-01T00:00:00Z", "price": "99", "address": "Sea Lane 1",
}  # fmt: skip
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def line(**more):
    return ",".join({**GOOD, **more}[name] for name in COLUMNS)


def read(*lines):
    return list(read_lines("\n".join([HEADER, *lines]), "import:1"))


def test_a_whole_line():
    assert read(line()) == [
        NewCustomer(
            id="c-1", profile=Profile("Ana", "ana@example.org", "+49 1", "Sea Lane 1"), cause="import:1/2",
            kind="business", zone="Europe/Berlin", region="eu",
            subscription=Subscription(
                plan="plus", started_at=NEW_YEAR, renews_at=NEW_YEAR.replace(year=2027),
                price_month=4.5,
            ),
            purchases=[Purchase("cam", NEW_YEAR, 99.0)],
        )
    ]  # fmt: skip


def test_columns_in_any_order_and_left_out_are_empty():
    text = 'name,id\n"Bo, the second",c-2\n\nCy,c-3\n'
    assert [(one.id, one.profile.name, one.zone) for one in read_lines(text, "i")] == [
        ("c-2", "Bo, the second", "UTC"), ("c-3", "Cy", "UTC"),
    ]  # fmt: skip


BAD = {
    "id": ({"id": "c 1"}, "id: text of 3 characters, expected 1 to 64 of letters"),
    "no id": ({"id": ""}, "id: nothing, expected 1 to 64"),
    "no name": ({"name": ""}, "name: nothing, expected a name"),
    "kind": ({"kind": "family"}, "kind: text of 6 characters, expected one of household, business"),
    "zone": ({"zone": "Mars/Olympus"}, "zone: text of 12 characters, expected an IANA time zone"),
    "email": ({"email": "ana"}, "email: text of 3 characters, expected an e-mail address"),
    "time": ({"renews_at": "tomorrow"}, "renews_at: text of 8 characters, expected an RFC 3339"),
    "number as time": ({"started_at": "7"}, "started_at: a number, expected an RFC 3339"),
    "naive time": ({"started_at": "2026-01-01T00:00:00"}, "started_at: text of 19 characters"),
    "year": ({"renews_at": "9999-12-31T23:00:00-05:00"}, "renews_at: text of 25 characters"),
    "price": ({"price": "cheap"}, "price: text of 5 characters, expected a number from 0 on"),
    "negative": ({"price_month": "-1"}, "price_month: a number, expected a number from 0 on"),
    "not a number": ({"price": "nan"}, "price: a number, expected a number from 0 on"),
    "no start": ({"started_at": ""}, "started_at: nothing, expected an RFC 3339"),
    "no plan": ({"plan": ""}, "started_at: text of 20 characters, expected nothing without a plan"),
    "no product": ({"product": ""}, "purchased_at: text of 20 characters, expected nothing"),
    "long": ({"name": "x" * 257}, "name: text of 257 characters, expected up to 256"),
    "control": ({"name": "A\x00"}, "name: text of 2 characters, expected up to 256 printable"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "error"), BAD.values(), ids=BAD)
def test_a_bad_line_is_named_and_the_next_one_read(change, error):
    bad, good = read(line(**change), line(id="c-9"))
    assert isinstance(bad, BadLine)
    assert bad.line == 2
    assert bad.error.startswith(error)
    assert good.id == "c-9"
    given = next(iter(change.values()))
    assert len(given) < 4 or given not in bad.error


def test_fields_missing_and_a_customer_named_twice():
    found = read("c-1,household", line(), line(), line(id="c-2"))
    assert found[0] == BadLine(2, "2 fields, expected 15 as in the header")
    assert found[2] == BadLine(4, "id: known from a line above, expected one line per customer")
    assert [one.id for one in found if isinstance(one, NewCustomer)] == ["c-1", "c-2"]


@pytest.mark.parametrize("header", ["", "id", "name", "id,name,mail", "id,name,name", "c-1,Ana"])
def test_a_header_that_does_not_name_the_columns(header):
    with pytest.raises(BadHeader, match="line 1: expected a header of the columns id, kind"):
        list(read_lines(header + "\nc-1,Ana\n", "i"))
