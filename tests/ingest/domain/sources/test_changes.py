"""Register, claim, move, retire."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.sources import changes
from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source
from services.ingest.errors import AlreadyClaimed, NotClaimed, SourceRetired
from shared.errors import Exists

T = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = Source("cam-1", "device", model="cam-2", version=1, registered_at=T)
ANNS = changes.claim(NEW, "ann", T).source


def test_registering():
    change = changes.register(Source("cam-1", "device", model="cam-2"), None, T)
    assert change.source.version == 1
    assert change.source.registered_at == T
    news = change.news
    assert (news.change, news.source, news.version, news.customer) == (
        "registered",
        "cam-1",
        1,
        None,
    )


def test_registering_again():
    assert changes.register(Source("cam-1", "device", model="cam-2"), NEW, T) is None
    for other in (
        Source("cam-1", "device", model="cam-3"),
        Source("cam-1", "app", model="cam-2"),
    ):
        with pytest.raises(Exists):
            changes.register(other, NEW, T)


def test_claiming():
    assert ANNS.owners == (Ownership("ann", T),)
    assert ANNS.owner == "ann"
    assert ANNS.status == "claimed"
    assert changes.claim(ANNS, "ann", T + DAY) is None
    with pytest.raises(AlreadyClaimed):
        changes.claim(ANNS, "bob", T + DAY)


def test_moving():
    change = changes.move(ANNS, "bob", T + DAY)
    assert change.source.owners == (Ownership("ann", T, T + DAY), Ownership("bob", T + DAY))
    news = change.news
    assert (news.change, news.customer, news.previous_customer, news.at) == (
        "moved",
        "bob",
        "ann",
        T + DAY,
    )
    assert news.version == 3
    assert changes.move(ANNS, "ann", T + DAY) is None
    with pytest.raises(NotClaimed):
        changes.move(NEW, "bob", T)


def test_ownership_is_never_back_dated():
    change = changes.move(ANNS, "bob", T - DAY)  # a clock that went back
    assert change.source.owners[-1].since > T
    assert change.source.owners[0].until == change.source.owners[-1].since
    assert change.news.at == change.source.owners[-1].since


def test_retiring():
    change = changes.retire(ANNS, T + DAY)
    assert change.source.status == "retired"
    assert change.source.owners == (Ownership("ann", T, T + DAY),)
    assert (change.news.customer, change.news.previous_customer) == (None, "ann")
    assert changes.retire(change.source, T + DAY) is None
    for act in (changes.claim, changes.move):
        with pytest.raises(SourceRetired):
            act(change.source, "bob", T + 2 * DAY)
