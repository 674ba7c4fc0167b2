"""Is the log the one we have read? Each verdict, and both sides of each edge."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from shared.db.offsets import Position
from shared.stream.log_check import Span, verdict

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(offset, id_="a", at=AT):
    headers = [] if id_ is None else [("ce_id", id_.encode())]
    return SimpleNamespace(offset=offset, headers=headers, timestamp=int(at.timestamp() * 1000))


def stands(next_offset, id_="a", topic="device.usage"):
    return Position(topic, 0, next_offset, last_id=id_, last_at=AT)


NEVER = Position("device.usage", 0, 0)
COMPACTED = "customer.changed"
OTHER = AT.replace(hour=13)


@pytest.mark.parametrize(
    ("position", "span", "before", "why"),
    [
        pytest.param(NEVER, Span(0, 0), None, None, id="nothing read of nothing"),
        pytest.param(NEVER, Span(0, 9), None, None, id="nothing read yet"),
        pytest.param(stands(5), Span(0, 5), record(4), None, id="all read, and it is ours"),
        pytest.param(stands(5), Span(0, 4), record(3), "we have read up to offset 5, the log ends at 4", id="shorter"),
        pytest.param(stands(5), Span(0, 9), record(4, "b"), "another record stands at offset 4", id="another id"),
        pytest.param(stands(5), Span(0, 9), record(4, at=OTHER), "another record stands at offset 4", id="another time"),
        pytest.param(stands(5, None), Span(0, 9), record(4, None), None, id="no id, the same time"),
        pytest.param(stands(5, None), Span(0, 9), record(4, None, OTHER), "another record stands", id="no id, another time"),
        pytest.param(stands(5, None), Span(0, 9), record(4), "another record stands", id="it had no id"),
        pytest.param(stands(5), Span(0, 9), None, "the record at offset 4", id="it is gone"),
        pytest.param(stands(5), Span(5, 9), None, None, id="deleted up to where we are"),
        pytest.param(stands(5), Span(6, 9), record(6), "offsets 5 to 5 were deleted", id="deleted unread"),
        pytest.param(stands(5, topic=COMPACTED), Span(0, 9), record(4), None, id="compacted, it is still there"),
        pytest.param(stands(5, topic=COMPACTED), Span(0, 9), record(4, "b"), "another record", id="compacted, another one there"),
        pytest.param(stands(5, topic=COMPACTED), Span(0, 9), record(6), None, id="compacted away"),
        pytest.param(stands(5, topic=COMPACTED), Span(0, 9), None, None, id="compacted away, and nothing after it"),
        pytest.param(stands(5, topic=COMPACTED), Span(0, 4), None, "the log ends at 4", id="compacted, shorter"),
    ],
)  # fmt: skip
def test_verdict(position, span, before, why):
    found = verdict(position, span, before)
    assert found is None if why is None else why in found
