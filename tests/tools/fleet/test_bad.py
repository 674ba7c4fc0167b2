from datetime import UTC, datetime

import pytest

from services.ingest.domain.messages.decode import decode
from services.ingest.domain.messages.elements import Refused
from services.ingest.domain.messages.judge import judge
from services.ingest.domain.rejects.reasons import REASONS
from services.ingest.domain.sources.source import Source
from tools.fleet.bad import bad_payloads, prototypes, unsequenced

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KNOWN = prototypes(1)[0]
ALL = bad_payloads(1, "2026-03-01T12:00:00Z")
BY_CONTENT = [b for b in ALL if b.reason not in {"retired", "unknown_device", "unknown_stream"}]


@pytest.mark.parametrize("bad", BY_CONTENT, ids=[b.reason for b in BY_CONTENT])
def test_ingest_refuses_it_for_the_reason_it_was_made_for(bad):
    reasons = set()
    for each in decode(bad.payload, "usage", KNOWN):
        if isinstance(each, Refused):
            reasons.add(each.reason)
        else:
            reasons.add(judge(each, Source(KNOWN, "devices"), AT))
    assert reasons == {bad.reason}


def test_every_reason_is_one_of_ingests_and_most_of_them_are_sent():
    sent = {bad.reason for bad in ALL}
    assert sent <= set(REASONS)
    assert len(sent) >= 20


def test_unsequenced_events_are_valid():
    for payload in unsequenced("2026-03-01T12:00:00Z"):
        (event,) = decode(payload, "usage", KNOWN)
        assert event.seq is None
        assert judge(event, Source(KNOWN, "devices"), AT) is None
