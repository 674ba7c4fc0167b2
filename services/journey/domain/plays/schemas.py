"""JSON Schemas of a playbook's files, for editors: made by its readers, so that both say the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.journey.domain.facts import BY_NAME
from services.journey.domain.facts.fact import Fact
from services.journey.domain.plays.describing import Described, Schema, conditions
from services.journey.domain.plays.play import Playbook
from services.journey.domain.plays.read_facts import read_facts
from services.journey.domain.plays.read_playbook import read_play, read_step, words_of
from services.journey.domain.plays.read_teams import read_linkages, read_teams
from services.journey.domain.plays.read_webhooks import read_webhooks
from services.journey.domain.stages.journey_map import START
from services.journey.domain.stages.read_map import STAGE_FIELDS, TOUCH_FIELDS
from services.journey.domain.stages.touch_point import CHANNELS
from services.journey.domain.steps import STEPS
from services.journey.domain.steps.step import Words

DRAFT = "https://json-schema.org/draft/2020-12/schema"
MOST_LEFT_OUT = 12  # fields of one place that may be left out
TEXT: Schema = {"type": "string", "minLength": 1}


def schemas(playbook: Playbook, stages: Sequence[str]) -> Mapping[str, Schema]:
    """By name of the file: with the words of this playbook."""
    words = replace(
        words_of(playbook.messages, playbook.teams, playbook.facts, tuple(playbook.plays)),
        webhooks=tuple(playbook.webhooks), linkages=playbook.linkages,
    )  # fmt: skip
    return {
        "journey": _of("journey.yaml", _journey(stages), BY_NAME),
        "play": _of("plays/*.yaml", _play(words, stages), words.facts),
        "teams": _of("teams.yaml", _read(read_teams), BY_NAME),
        "linkages": _of(
            "linkages.yaml", _read(lambda part: read_linkages(part, playbook.teams)), BY_NAME
        ),
        "facts": _of("facts.yaml", _read(read_facts), BY_NAME),
        "webhooks": _of(
            "webhooks.yaml", _read(lambda part: read_webhooks(part, words.facts)), BY_NAME
        ),
    }


def _of(title: str, schema: Schema, facts: Mapping[str, Fact]) -> Schema:
    return {"$schema": DRAFT, "title": title, **schema, "$defs": {"condition": conditions(facts)}}


def _read(
    reader: Callable[[Described], Any], named: Sequence[str] = (), facts: Mapping[str, Fact] = BY_NAME
) -> Schema:  # fmt: skip
    """What a reader asks: of everything at once, and of each thing that may stand alone."""
    part = Described(facts, named)
    for part.only in (None, *range(MOST_LEFT_OUT)):
        reader(part)
    return part.schema


def _play(words: Words, stages: Sequence[str]) -> Schema:
    schema = _read(lambda part: read_play(part, words, stages), facts=words.facts)
    steps = [
        _read(lambda part: read_step(part, words), (kind.name,), words.facts) for kind in STEPS
    ]
    for kind, step in zip(STEPS, steps, strict=True):
        step["required"].append(kind.name)
        step["properties"]["then"] = {"type": "object", "additionalProperties": TEXT}
    schema["properties"]["steps"] = {"type": "array", "items": {"anyOf": steps}}
    return schema


def _journey(stages: Sequence[str]) -> Schema:
    """The map has a reader of its own; its fields and words are the reader's."""
    touch = {name: dict(TEXT) for name in TOUCH_FIELDS}
    touch["channel"] = {"enum": list(CHANNELS)}
    touch["look_up"] = {"type": "array", "items": {"enum": list(BY_NAME)}}
    from_ = {"type": "array", "items": {"enum": [START, *stages]}}
    points = {"type": "array", "items": _object(touch, TOUCH_FIELDS[:3])}
    fields = (TEXT, TEXT, from_, {"$ref": "#/$defs/condition"}, points)
    stage = _object(dict(zip(STAGE_FIELDS, fields, strict=True)), ("stage", "says", "enter"))
    listed = {"type": "array", "items": stage, "minItems": 1}
    return _object({"stages": listed}, ("stages",))


def _object(properties: Mapping[str, Schema], needed: Sequence[str]) -> Schema:
    return {
        "type": "object", "properties": dict(properties), "required": list(needed),
        "additionalProperties": False,
    }  # fmt: skip
