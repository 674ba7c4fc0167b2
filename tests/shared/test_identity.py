"""One rule for each identity: what a path, a terminal or a spreadsheet eats is refused."""

import pytest

from shared import identity


@pytest.mark.parametrize(
    "text", ["c-1001", "crm:100", "_a", "7", "A" * 64, "a..b", "a.b", "0012", "5e3", "1e5"]
)
def test_ids_of_customers(text):
    assert identity.customer_id(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "...", ".hidden", "-rf", "--help", ":1", "a/b", "a\\b", "a b", "a\n", "a%2e",
        "=1+1", "+1", "@a", "a" * 65, "ä", "a\u202e", "a\x00", "c#1", "c?1", "~", "4.9E11", "4.9E+11",
        "١٢", "a\u200b",
    ],
)  # fmt: skip
def test_what_is_no_id_of_a_customer(text):
    with pytest.raises(ValueError, match="1 to 64 of letters"):
        identity.customer_id(text)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("UTC", True), ("Europe/Berlin", True), ("Europe/Kyiv", True), ("Europe/Kiev", True),
        ("Etc/GMT-5", True), ("America/Argentina/Ushuaia", True), ("EST5EDT", True),
        ("localtime", False), ("Factory", False), ("posixrules", False), ("Etc/Unknown", False),
        ("right/Europe/Berlin", False), ("posix/Europe/Berlin", False), ("Europe", False),
        ("europe/berlin", False), ("Europe/Berlin ", False), ("../etc/passwd", False), ("", False),
        ("Europe//Berlin", False), ("/usr/share/zoneinfo/UTC", False), ("+02:00", False),
        ("Europe/Berlin\0", False), ("leapseconds", False), ("tzdata.zi", False),
    ],
)  # fmt: skip
def test_zones_are_those_of_iana_and_none_of_the_machine(name, is_one):
    assert identity.is_zone(name) is is_one


@pytest.mark.parametrize("text", ["+49 170 1234567", "030.1234567", "0049/170-1", "1E", "+49 1"])
def test_telephone_numbers(text):
    assert identity.phone(text) == text


@pytest.mark.parametrize(
    "text", ["4.91701E+11", "4,91701E+11", "4.9e11", "5E+9", "491701234567.0", "#NUM!", "#N/A"]
)
def test_numbers_a_spreadsheet_has_rounded(text):
    with pytest.raises(ValueError, match="a spreadsheet"):
        identity.phone(text)
