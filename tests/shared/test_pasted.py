"""Codes as people paste them."""

import pytest

from shared import pasted

DASHES = (
    "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u2043\u02d7\u30fc\u301c\u058a"
)
BLANKS = " \t\n\r\x0b\x0c\x85\u00a0\u1680\u2002\u2007\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
UNSEEN = (
    "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u2060\u202a\u202c\u2066\u2069\ufeff\ufe0f\u180e"
)


@pytest.mark.parametrize("between", [*DASHES, *BLANKS, *UNSEEN], ids=lambda c: f"{ord(c):04x}")
def test_what_a_journey_adds_is_not_compared(between):
    assert pasted.code(f"{between}123{between}456{between}") == "123456"
    assert pasted.code(f"ABcd{between}efgh") == "abcdefgh"


@pytest.mark.parametrize("zero", "0\uff10\u0660\u06f0\u0966\u0e50\U0001d7ce")
def test_digits_of_every_width_and_script_are_digits(zero):
    text = "".join(chr(ord(zero) + n) for n in range(10))
    assert pasted.code(text) == "0123456789"


def test_letters_of_another_width_are_letters():
    assert pasted.code("\uff21\uff22\uff43\uff44\uff0d\uff12") == "abcd2"


@pytest.mark.parametrize("text", ["12345_", "12345.", "12345\u00b2x", "12345\u00e9", "12345|"])
def test_other_marks_stay_and_are_wrong(text):
    assert not pasted.code(text).isdecimal() or len(pasted.code(text)) != 6


@pytest.mark.parametrize("blank", [*BLANKS, *UNSEEN], ids=lambda c: f"{ord(c):04x}")
def test_a_secret_loses_blanks_and_keeps_its_hyphens(blank):
    assert pasted.secret(f"{blank}pk_ab-{blank}_c{blank}") == "pk_ab-_c"
    assert pasted.trimmed(f"{blank}{blank}Ann{blank}Bo{blank}") == f"Ann{blank}Bo"


def test_nothing_but_blanks_is_nothing():
    assert pasted.trimmed(BLANKS) == pasted.code(DASHES) == pasted.secret(UNSEEN) == ""
