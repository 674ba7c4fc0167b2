"""GET /v1/topics: is every topic read, how far behind, what was refused or set aside."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.events.topics import BY_NAME
from shared.stream import quarantine
from shared.stream.lag import State
from shared.stream.topic_health import TopicHealth, TopicWatch
from shared.web.routes.application import Running
from shared.web.state import of_state
from shared.web.times import Time

# worst first
ORDER: tuple[State, ...] = ("MISSING", "STALLED", "UNKNOWN", "BEHIND", "OK")


class TopicBody(BaseModel):
    """One topic and one group that reads it."""

    topic: str
    group: str | None = Field(description="The service that reads it; null when none does.")
    partitions: int
    lag_messages: int | None
    lag_seconds: float | None = Field(description="Age of the oldest unread record.")
    last_progress: Time | None = Field(description="When this process last saw the group move.")
    members: int | None
    state: State
    why: str
    rejects: int | None = Field(description="Refused by this service; null elsewhere.")
    quarantine: int | None = Field(description="Set aside by this service; null elsewhere.")


class TopicsBody(BaseModel):
    """All topics as this process sees them."""

    service: str
    sampled_at: Time
    state: State = Field(description="The worst of all.")
    topics: list[TopicBody]


Rejects = Callable[[], Awaitable[Mapping[str, int]]]
"""Events refused, by the topic they would have gone to; ingest puts one into its `state` as
`rejects_by_topic`."""

router = APIRouter(prefix="/v1/topics", tags=["topics"])


async def quarantine_counts(engine: AsyncEngine) -> dict[str, int]:
    """Records in quarantine, by topic."""
    async with engine.connect() as connection:
        counts = await quarantine.counts(connection)
    by_topic: dict[str, int] = {}
    for row in counts:
        by_topic[row["topic"]] = by_topic.get(row["topic"], 0) + int(row["count"])
    return by_topic


@router.get("")
async def list_topics(
    application: Running,
    watch: Annotated[TopicWatch, Depends(of_state("topic_watch"))],
    rejects: Annotated[Rejects | None, Depends(of_state("rejects_by_topic", None))],
    group: Annotated[str | None, Query(max_length=64, description="Only this group.")] = None,
    within_s: Annotated[
        float, Query(ge=0, le=60, description="How old what is said may be; 2 s at the least.")
    ] = 0,
) -> TopicsBody:
    """Lag, progress, members and state, per declared topic and group."""
    refused = None if rejects is None else await rejects()
    aside = await quarantine_counts(application.engine)
    sample = await watch.sample(group, within_s)
    shown = [_body(application.service, topic, refused, aside) for topic in sample.topics]
    states = {topic_state.state for topic_state in shown}
    worst: State = next((state for state in ORDER if state in states), "OK")
    return TopicsBody(service=application.service, sampled_at=sample.at, state=worst, topics=shown)


def _body(
    service: str, health: TopicHealth, refused: Mapping[str, int] | None, aside: Mapping[str, int]
) -> TopicBody:
    telemetry = BY_NAME[health.topic].sequenced
    return TopicBody(
        topic=health.topic,
        group=health.group,
        partitions=health.partitions,
        lag_messages=health.lag_messages,
        lag_seconds=health.lag_seconds,
        last_progress=health.last_progress,
        members=health.members,
        state=health.state,
        why=health.why,
        rejects=refused.get(health.topic, 0) if refused is not None and telemetry else None,
        quarantine=aside.get(health.topic, 0) if health.group == service else None,
    )
