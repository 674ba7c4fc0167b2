"""Everything that support consumes has a handler, and every refusal has an HTTP status."""

from services.support import errors, wiring
from services.support.edges.consumer import HANDLERS
from shared.events.topics import consumed_by


def test_every_topic_has_a_handler():
    assert set(HANDLERS) == {topic.name for topic in consumed_by("support")}


def test_facts_come_before_what_they_decide():
    assert list(HANDLERS)[-1] == "device.fault"


def test_every_refusal_has_a_status():
    assert set(wiring.STATUS) == set(errors.SupportError.__subclasses__())
