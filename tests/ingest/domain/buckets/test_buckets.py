"""What a process says of its own buckets and of those of others."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.buckets.buckets import facts, spans
from services.ingest.domain.messages.addresses import BUCKETS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRESH, OLD = NOW - timedelta(seconds=40), NOW - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("buckets", "written"), [("", ""), ("3", "3"), ("01", "0-1"), ("f98a", "8-a,f"), (BUCKETS, "0-f")]
)  # fmt: skip
def test_spans(buckets, written):
    assert spans(buckets) == written


@pytest.mark.parametrize(
    ("owned", "contacts", "unread"),
    [
        (BUCKETS, {}, None),
        ("01234567", None, None),
        ("01234567", dict.fromkeys("89abcdef", FRESH), None),
        ("01234567", {}, "8-f"),
        ("01234567", {**dict.fromkeys("89abcdef", FRESH), "c": OLD}, "c"),
        ("01234567", dict.fromkeys("89abcde", FRESH) | dict.fromkeys("01234567", OLD), "f"),
    ],
)
def test_buckets_of_nobody_are_named(owned, contacts, unread):
    said = facts(owned, contacts, NOW)
    assert said["buckets"] == ("0-f" if owned == BUCKETS else "0-7 of 0-f")
    assert said.get("buckets_unread", "").partition(":")[0] == (unread or "")
