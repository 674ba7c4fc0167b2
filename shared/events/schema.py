"""JSON Schema of every event and the AsyncAPI document of every topic, written into docs/reference.

Run `python -m shared.events.schema` after changing an event or the topic table.
"""

import inspect
from pathlib import Path
from typing import Any

import msgspec

from shared.events import CONTROL, EVENTS, Beacon, Dropped, ErasureDone, Event
from shared.events.codec import TYPE, encode
from shared.events.erasure_done import TOPIC_OF
from shared.events.samples import BY_TYPE
from shared.events.topics import TOPICS, Topic

FOLDER = Path("docs/reference")
SCHEMAS = "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of one event type, with its sample as example."""
    described = msgspec.json.schema(event)
    for definition in described["$defs"].values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    return {
        "$schema": DRAFT,
        "$id": f"urn:playcaller:event:{event.type_name()}:v1",
        **described,
        "examples": [msgspec.json.decode(encode(BY_TYPE[event]))],
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of our Kafka topics, from the topic table."""
    operations: dict[str, Any] = {}
    for topic in TOPICS:
        operations[f"{topic.producer}.sends.{topic.name}"] = _operation("send", topic)
        for service in topic.consumers:
            operations[f"{service}.receives.{topic.name}"] = _operation("receive", topic)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Playcaller",
            "version": "1",
            "description": "Kafka topics; values are JSON, CloudEvents 1.0 headers in binary mode.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": operations,
        "components": {"messages": {event.type_name(): _message(event) for event in EVENTS}},
    }


def on_topic(topic: Topic) -> list[type[Event]]:
    """Every event type that may stand on a topic."""
    own = [
        event
        for event in EVENTS
        if topic.name == event.TOPIC and event not in (*CONTROL, ErasureDone)
    ]
    if topic.name in TOPIC_OF.values():
        own.append(ErasureDone)
    return [*own, Beacon, Dropped] if topic.sequenced else [*own, Beacon]


def files() -> dict[str, str]:
    """Content of every generated file by its path under docs/reference."""
    texts = {f"{SCHEMAS}/{event.type_name()}.json": _text(schema(event)) for event in EVENTS}
    texts["asyncapi.json"] = _text(asyncapi())
    return texts


def write(folder: Path = FOLDER) -> None:
    """Write the files, and remove schemas of types that are no more."""
    texts = files()
    (folder / SCHEMAS).mkdir(parents=True, exist_ok=True)
    for old in (folder / SCHEMAS).glob("*.json"):
        if f"{SCHEMAS}/{old.name}" not in texts:
            old.unlink()
    for name, content in texts.items():
        (folder / name).write_text(content, encoding="utf-8")


def _channel(topic: Topic) -> dict[str, Any]:
    settings: dict[str, Any] = {"cleanup.policy": ["compact" if topic.compacted else "delete"]}
    if topic.retention_ms is not None:
        settings["retention.ms"] = topic.retention_ms
    kafka = {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": settings,
        "bindingVersion": "0.5.0",
    }
    names = [event.type_name() for event in on_topic(topic)]
    return {
        "address": topic.name,
        "description": f"{topic.what}; keyed by {topic.key}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": kafka},
    }


def _operation(action: str, topic: Topic) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}}


def _message(event: type[Event]) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "name": TYPE[event].decode(),
        "summary": (event.__doc__ or "").partition("\n")[0],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_type": {"const": TYPE[event].decode()},
                "ce_id": text,
                "ce_source": text,
                "ce_time": {"type": "string", "format": "date-time"},
                "ce_subject": text,
                "traceparent": text,
            },
            "required": ["ce_specversion", "ce_type", "ce_id", "ce_source", "ce_time"],
        },
        "payload": {"$ref": f"./{SCHEMAS}/{event.type_name()}.json"},
    }


def _text(document: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


if __name__ == "__main__":
    write()
