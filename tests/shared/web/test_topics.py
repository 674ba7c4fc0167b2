"""GET /v1/topics: the sample with this service's own counts, and the worst state on top."""

from datetime import UTC, datetime

import pytest

from shared.events.topics import TOPICS
from shared.stream import quarantine
from shared.stream.quarantine import Quarantined
from shared.stream.topic_health import Sample, TopicHealth

pytestmark = pytest.mark.servers

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Watch:
    """Stands in for Kafka, which test_topic_health.py asks itself."""

    def __init__(self, states=None):
        self._states = states or {}

    async def sample(self, group=None, within_s=0.0):
        return Sample(
            AT,
            tuple(
                self._row(t, g)
                for t in TOPICS
                for g in t.consumers or (None,)
                if group in (None, g)
            ),
        )

    def _row(self, topic, group):
        state = self._states.get((topic.name, group), "OK")
        return TopicHealth(topic.name, group, 6, 3, 1.5, AT, 1, state, "")


async def set_aside(engine, topic):
    async with engine.begin() as connection:
        row = Quarantined("x", topic, 0, 1, None, b"{", [], "undecodable", "", AT, AT)
        await quarantine.add(connection, [row])


def by_place(body):
    return {(row["topic"], row["group"]): row for row in body["topics"]}


async def test_a_consumer_shows_its_own_quarantine(serve, engine):
    await set_aside(engine, "device.fault")
    http = serve("support", topic_watch=Watch())

    body = (await http.get("/v1/topics")).json()

    rows = by_place(body)
    assert (body["service"], body["state"]) == ("support", "OK")
    assert body["sampled_at"] == "2026-03-01T12:00:00Z"
    assert rows["device.fault", "support"]["quarantine"] == 1
    assert rows["app.usage", "support"]["quarantine"] == 0
    assert rows["device.fault", "analytics"]["quarantine"] is None
    assert rows["device.fault", "support"]["rejects"] is None
    assert rows["device.fault", "support"]["lag_seconds"] == 1.5
    assert rows["journey.activity", None]["group"] is None


async def test_ingest_shows_its_rejects(serve):
    async def rejects():
        return {"device.usage": 7}

    http = serve("ingest", topic_watch=Watch(), rejects_by_topic=rejects)
    rows = by_place((await http.get("/v1/topics")).json())

    assert rows["device.usage", "journey"]["rejects"] == 7
    assert rows["device.fault", "support"]["rejects"] == 0
    assert rows["customer.changed", "support"]["rejects"] is None
    assert rows["registry.changed", "support"]["rejects"] is None


@pytest.mark.parametrize(
    ("states", "query", "worst"),
    [
        pytest.param({("app.usage", "journey"): "BEHIND"}, "", "BEHIND", id="one behind"),
        pytest.param({("app.usage", "journey"): "BEHIND", ("device.fault", "support"): "MISSING"}, "", "MISSING", id="missing is worse"),
        pytest.param({("app.usage", "journey"): "BEHIND"}, "?group=support", "OK", id="another group's"),
        pytest.param({("app.usage", "journey"): "UNKNOWN", ("device.usage", "journey"): "STALLED"}, "?group=journey", "STALLED", id="stalled is worse than unknown"),
    ],
)  # fmt: skip
async def test_the_worst_state_is_on_top(serve, states, query, worst):
    http = serve("journey", topic_watch=Watch(states))

    assert (await http.get(f"/v1/topics{query}")).json()["state"] == worst


async def test_without_kafka_the_route_still_answers(serve):
    body = (await serve("journey").get("/v1/topics")).json()

    assert body["state"] == "UNKNOWN"
    assert "Kafka did not answer" in body["topics"][0]["why"]
