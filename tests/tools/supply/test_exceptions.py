"""deploy/audit-exceptions.toml: an entry without reason or end is refused."""

from datetime import date

import pytest

from tools.supply.exceptions import FILE, Accepted, BadExceptions, read

TODAY = date(2026, 3, 1)
GOOD = """[[exception]]
id = "CVE-1"
package = "lz4"
reason = "we do not call it"
expires = 2026-08-28
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "exceptions.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_what_an_entry_says(file):
    assert read(TODAY, file(GOOD)) == [
        Accepted("CVE-1", "lz4", "we do not call it", date(2026, 8, 28))
    ]


def test_ours_can_be_read():
    assert isinstance(read(TODAY, FILE), list)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('reason = "we do not call it"', 'reason = " "', "entry 1: reason is missing"),
        ('reason = "we do not call it"\n', "", "entry 1: reason is missing"),
        ("expires = 2026-08-28", "", "entry 1: expires is missing"),
        ("2026-08-28", '"2026-08-28"', "entry 1: expires is missing, or no date"),
        ("2026-08-28", "2026-08-29", "expires is more than 180 days ahead"),
        ("2026-08-28", "2026-08-28T00:00:00", "entry 1: expires is missing, or no date"),
        ("reason", "because", "entry 1: because is unknown"),
        ("[[exception]]", "[[exceptions]]", "exceptions is unknown"),
        ("[[exception]]", "[[exception", "exceptions.toml: "),
    ],
)
def test_what_is_refused(file, before, after, why):
    with pytest.raises(BadExceptions, match="toml") as refused:
        read(TODAY, file(GOOD.replace(before, after)))
    assert why in str(refused.value)
