"""The generated schemas and the AsyncAPI document are current and consistent."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.events import CONTROL, EVENTS
from shared.events.schema import FOLDER, SCHEMAS, asyncapi, files, write
from shared.events.topics import TOPICS

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", sorted(files()))
def test_a_generated_file_is_current(name: str) -> None:
    stored = (ROOT / FOLDER / name).read_text()

    assert stored == files()[name], "run `python -m shared.events.schema` and commit the result"


def test_no_schema_of_a_removed_type_is_left() -> None:
    stored = {path.stem for path in (ROOT / FOLDER / SCHEMAS).iterdir()}

    assert stored == {event.type_name() for event in EVENTS}


def test_writing_removes_what_is_no_more(tmp_path: Path) -> None:
    (tmp_path / SCHEMAS).mkdir()
    (tmp_path / SCHEMAS / "long_gone.json").write_text("{}")

    write(tmp_path)

    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")} == set(files())


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from refs(value)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads((ROOT / FOLDER / "asyncapi.json").read_text())

    found = set(refs(document))
    assert found
    for ref in found:
        if ref.startswith("#/"):
            node = document
            for part in ref[2:].split("/"):
                node = node[part]
        else:
            assert (ROOT / FOLDER / ref).is_file(), ref


def test_the_asyncapi_document_tells_the_topic_table() -> None:
    document = asyncapi()

    assert document["asyncapi"] == "3.0.0"
    for topic in TOPICS:
        channel = document["channels"][topic.name]
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        operations = {
            name: each["action"]
            for name, each in document["operations"].items()
            if each["channel"]["$ref"] == f"#/channels/{topic.name}"
        }
        assert operations == {
            f"{topic.producer}.sends.{topic.name}": "send",
            **{f"{service}.receives.{topic.name}": "receive" for service in topic.consumers},
        }
    placed = {name for channel in document["channels"].values() for name in channel["messages"]}
    assert placed == {event.type_name() for event in EVENTS}
    assert "dropped" not in document["channels"]["registry.changed"]["messages"]
    assert len(CONTROL) == 2
