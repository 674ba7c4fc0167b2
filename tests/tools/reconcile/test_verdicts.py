"""What is lost, what is unknown, and where a service stands, in words."""

from datetime import UTC, datetime

import pytest

from shared.db.offsets import Position
from shared.db.outbox import Published
from shared.stream.log_check import Span
from tools.reconcile.verdicts import Told, lost, read_lines, unknown_lines, written_lines

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def rows(topic, *ids_and_keys):
    return [Published(n, id_, topic, key) for n, (id_, key) in enumerate(ids_and_keys)]


@pytest.mark.parametrize(
    ("topic", "there", "gone"),
    [
        pytest.param("support.activity", {"a", "b", "c"}, [], id="all there"),
        pytest.param("support.activity", {"b"}, ["a", "c"], id="two lost"),
        pytest.param("support.activity", None, ["a", "b", "c"], id="no topic"),
        pytest.param("customer.changed", {"b", "c"}, [], id="compacted: the older of a key may go"),
        pytest.param("customer.changed", {"a", "c"}, ["b"], id="compacted: the newest of a key is lost"),
        pytest.param("customer.changed", {"a", "b"}, ["c"], id="compacted: the only one of a key is lost"),
    ],
)  # fmt: skip
def test_what_is_lost(topic, there, gone):
    published = rows(topic, ("a", "c:ana"), ("b", "c:ana"), ("c", "c:bob"))
    missing = lost(published, {} if there is None else {topic: there})
    assert [row.id for row in missing] == gone


def test_a_topic_that_lost_something_says_what_to_do_and_then_what_was_done():
    published = rows("support.activity", ("a", "c:ana"), ("b", "c:ana"))
    (before,) = written_lines("support", published, published[:1], applied=False)
    assert before.wrong
    assert before.verdict == "1 of 2 events that were published are not in Kafka. Next: reconcile --apply"  # fmt: skip
    (after,) = written_lines("support", published, published[:1], applied=True)
    assert not after.wrong
    assert after.verdict.endswith("; they are published again")
    (fine,) = written_lines("support", published, [], applied=False)
    assert fine.verdict == "all of 2 events of the last days are in Kafka"


def test_where_a_service_stands():
    at = [Position("device.fault", n, 10, "aa:1", NOON) for n in range(3)]
    spans = {("device.fault", n): Span(0, 12) for n in range(2)}
    wrong = {("device.fault", 1): "we have read up to offset 10, the log ends at 3"}
    lines = read_lines("support", at, spans, wrong)
    assert [(line.what, line.wrong) for line in lines] == [
        ("reads device.fault[1]", True),
        ("reads device.fault[2]", True),
        ("reads device.fault", False),
    ]
    assert "log_diverged: we have read up to offset 10" in lines[0].verdict
    assert "last applied: aa:1 of 2026-05-01 12:00:00" in lines[0].verdict
    assert "does not exist" in lines[1].verdict
    assert lines[2].verdict == "the log is the one it has read; last applied 2026-05-01 12:00:00, 2 to go"  # fmt: skip


def test_what_kafka_has_and_the_database_does_not_know():
    told = [Told(id_, "support.activity", NOON) for id_ in ("a", "b")]
    assert unknown_lines("support", told, {"a", "b"}) == []
    (line,) = unknown_lines("support", told, {"b"})
    assert line.wrong
    assert "1 events in Kafka are not in its database, the first of 2026-05-01 12:00:00 (a)" in line.verdict  # fmt: skip
