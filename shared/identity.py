"""One rule for each identity that comes from outside: customers, time zones, telephone numbers.

Every door asks here: journey's routes and imports, ingest's claims, the parts of an export.
"""

import re
from functools import lru_cache
from importlib import resources
from typing import Final

CUSTOMER: Final = r"[A-Za-z0-9_][A-Za-z0-9._:-]{0,63}"
"""The id of a customer. It begins with no dot or dash: `..` is a step in a path, `-x` an option."""
CUSTOMER_EXPECTED: Final = "1 to 64 of letters, digits, . _ : -, the first no . : -"
KNOWN_CUSTOMER: Final = r"[A-Za-z0-9._:-]{1,64}"
"""What was ever taken as one: such a customer is still found, exported and erased."""
ZONE_EXPECTED: Final = "an IANA time zone, e.g. Europe/Berlin"
PHONE_EXPECTED: Final = "a telephone number, not one that a spreadsheet has rounded"

_CUSTOMER = re.compile(CUSTOMER)
_ROUNDED = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+")
_ROUNDED_ID = re.compile(r"[0-9]+\.[0-9]+[eE]-?[0-9]+")
_FRACTION = re.compile(r"[+-]?[0-9]{6,}[.,]0+")
_ERRORS = frozenset({"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"})
_NOWHERE = frozenset({"Factory"})  # in every list of IANA, and a place nowhere


def customer_id(text: str) -> str:
    """The id of a customer.

    Raises: ValueError: a path, a terminal or a spreadsheet would make something else of it.

    >>> customer_id("crm:100")
    'crm:100'
    """
    if _CUSTOMER.fullmatch(text) is None or _ROUNDED_ID.fullmatch(text) is not None:
        raise ValueError(CUSTOMER_EXPECTED)
    return text


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The time zones of IANA, of the list we bring along: the same on every machine."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(listed.split()) - _NOWHERE


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone of IANA; those a machine has of its own are none.

    >>> is_zone("Europe/Kyiv"), is_zone("localtime"), is_zone("right/Europe/Berlin")
    (True, False, False)
    """
    return name in zones()


@lru_cache(maxsize=1_024)
def zone_or_utc(name: str) -> str:
    """A zone that was one when it was written down; UTC where it is none any more.

    >>> zone_or_utc("Europe/Kyiv"), zone_or_utc("Mars/Olympus")
    ('Europe/Kyiv', 'UTC')
    """
    return name if is_zone(name) else "UTC"


def is_spreadsheet_error(text: str) -> bool:
    """Whether a cell holds what a spreadsheet writes where it could not compute."""
    return text in _ERRORS


def phone(text: str) -> str:
    """A telephone number as it was given.

    Raises: ValueError: a spreadsheet has taken it for a number: its last digits are lost.

    >>> phone("+49 170 1234567")
    '+49 170 1234567'
    """
    if _ROUNDED.fullmatch(text) or _FRACTION.fullmatch(text) or is_spreadsheet_error(text):
        raise ValueError(PHONE_EXPECTED)
    return text
