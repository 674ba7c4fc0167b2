"""Everything that support consumes has a handler."""

from services.support.edges.consumer import HANDLERS
from shared.events.topics import consumed_by


def test_every_topic_has_a_handler():
    assert set(HANDLERS) == {topic.name for topic in consumed_by("support")}


def test_facts_come_before_what_they_decide():
    assert list(HANDLERS)[-1] == "device.fault"
