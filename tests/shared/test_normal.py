"""One normal form of texts, one reader of times: both sides of every edge."""

import pytest

from services.ingest.domain.messages.decode import decode
from services.ingest.domain.messages.elements import Refused
from shared import moments
from shared.normal import normal, storable, unseen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("lens", "lens", id="a word"),
        pytest.param(" lens ", "lens", id="blanks around"),
        pytest.param("rear  lens", "rear lens", id="two blanks"),
        pytest.param("rear\u00a0lens\u3000", "rear lens", id="blanks of other kinds"),
        pytest.param("Geha\u0308use", "Geh\u00e4use", id="decomposed"),
        pytest.param("Geh\u00e4use", "Geh\u00e4use", id="composed"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_the_normal_form(text, expected):
    assert normal(text) == expected
    assert normal(normal(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O'Neill-M\u00fcller 3", None),
        ("\u0645\u0631\u06cc\u0645", None),
        ("a\tb", "U+0009"),
        ("a\x9b", "U+009B"),
        ("a\u202eb", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("a\u200bb", "U+200B"),
        ("a\ufeffb", "U+FEFF"),
        ("a\u2028b", "U+2028"),
        ("a\ud800", "U+D800"),
        ("\ue000", "U+E000"),
        ("\u06cc\u200c\u0645", "U+200C"),
    ],
)
def test_what_nobody_sees_is_named(text, expected):
    assert unseen(text) == expected


def test_joiners_of_scripts_may_pass():
    assert unseen("\u06cc\u200c\u0645", joiners=True) is None
    assert unseen("a\u200b", joiners=True) == "U+200B"


def test_what_no_table_holds_is_replaced():
    assert storable("a\0b\udfffc") == "a\ufffdb\ufffdc"
    assert storable("gr\u00fcn") == "gr\u00fcn"


TIMES = [
    ("2026-03-01T10:00:00Z", True),
    ("2026-03-01t10:00:00z", True),
    ("2026-03-01T10:00:00.123456789Z", True),
    ("2026-03-01T10:00:00+01:00", True),
    ("2026-03-01T10:00:00+0100", True),
    ("2026-03-01T10:00:00-00:00", True),
    ("2026-03-01T10:00:00", False),
    ("2026-03-01", False),
    ("2026-03-01T10Z", False),
    ("2026-03-01T10:00Z", False),
    ("20260301T100000Z", False),
    ("2026-W09-7T10:00:00Z", False),
    ("2026-03-01T10:00:00,5Z", False),
    ("2026-03-01T24:00:00Z", False),
    ("2026-03-01T10:00:60Z", False),
    ("1772359200", False),
    ("0001-01-01T00:00:00+14:00", False),
    ("", False),
]


@pytest.mark.parametrize(("text", "taken"), TIMES)
def test_one_reader_of_times_for_all_doors(text, taken):
    (found,) = decode(f'{{"type":"usage","at":"{text}","by":"person"}}'.encode(), "usage", "cam-1")
    if not text.startswith("0001"):  # its year is judged after the reading
        assert isinstance(found, Refused) is not taken
    if taken:
        assert moments.read(text) == found.at
    else:
        with pytest.raises(ValueError, match="a time"):
            moments.read(text)
