"""Topics are waited for until they are as the table says, and what is wrong has a name."""

import asyncio

import pytest
from bench import TOPIC, until

from shared.events.topics import BY_NAME, TOPICS
from shared.stream import admin

AS_IT_SHOULD_BE = {topic.name: topic.partitions for topic in TOPICS}


@pytest.mark.parametrize(
    ("there", "said"),
    [
        pytest.param(AS_IT_SHOULD_BE, [], id="all there"),
        pytest.param({**AS_IT_SHOULD_BE, TOPIC: 1}, [f"{TOPIC} has 1 partitions, expected 6"], id="too few"),
        pytest.param({**AS_IT_SHOULD_BE, TOPIC: 12}, [f"{TOPIC} has 12 partitions, expected 6"], id="too many"),
        pytest.param({k: v for k, v in AS_IT_SHOULD_BE.items() if k != TOPIC}, [f"{TOPIC} missing (`./playcaller topics` makes them)"], id="missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_topics(there, said):
    assert admin._wrong(there) == said


@pytest.mark.servers
async def test_a_topic_with_too_few_partitions_is_named_and_waited_for(bench, monkeypatch, caplog):
    """N9: it ended the process every six seconds."""
    monkeypatch.setattr(admin, "TOPICS", (BY_NAME[TOPIC],))
    await bench.make_topic(partitions=1)
    waiting = asyncio.create_task(admin.wait_for_topics(bench.bootstrap))
    await until(lambda: f"{TOPIC} has 1 partitions, expected 6" in caplog.text)
    assert not waiting.done()
    await bench.make_topic()
    await asyncio.wait_for(waiting, 90)
