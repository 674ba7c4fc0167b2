"""Since when a message may have waited for us."""

from datetime import UTC, datetime, timedelta

from services.ingest.domain.buckets.contact import Contact

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOST = 10


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def settled(kept: datetime | None = None) -> Contact:
    """Connected at NOW, and quiet for five seconds."""
    contact = Contact(MOST, kept)
    contact.begin()
    for second in range(6):
        contact.look(after(second), 0, 0)
    return contact


def test_what_comes_after_a_weekend_may_have_waited_since_then():
    friday = NOW - timedelta(hours=60)
    contact = Contact(MOST, friday)
    contact.begin()
    assert contact.since(NOW) == friday
    contact.look(after(0.5), 0, 0)  # the broker has not begun yet
    assert contact.since(after(0.5)) == friday
    for n in range(1, 30):  # as much as there is room for between two looks
        contact.look(after(0.5 + n), 5, n * MOST)
        assert contact.since(after(0.5 + n)) == friday
        assert contact.at == friday
    contact.look(after(31), 0, 29 * MOST + 3)
    assert contact.since(after(31)) is None
    assert contact.at == after(31)


def test_a_bucket_without_a_past_waits_for_nothing():
    contact = Contact(MOST)
    contact.begin()
    assert contact.since(NOW) is None
    contact.look(NOW, 9, 20)
    assert contact.since(NOW) is None


def test_while_kafka_is_away_the_broker_holds_back():
    contact = settled()
    contact.look(after(6), MOST, MOST)
    assert contact.since(after(6)) == after(5)
    contact.look(after(3_600), MOST, MOST)
    assert contact.since(after(3_600)) == after(5)
    contact.look(after(3_601), 0, MOST)  # acknowledged; what waited comes
    assert contact.since(after(3_601)) == after(5)
    contact.look(after(3_602), 0, MOST + 2)
    assert contact.since(after(3_602)) is None


def test_a_connection_that_ended_is_remembered_by_its_last_look():
    contact = settled()
    contact.begin()
    assert contact.since(after(99)) == contact.at == after(5)


def test_a_process_that_was_stopped_knows_that_it_slept():
    contact = settled()
    assert contact.since(after(6)) is None
    assert contact.since(after(45)) == after(5)
