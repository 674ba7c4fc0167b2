"""A journey map is read whole, or refused with file, stage and field."""

import pytest

from services.journey.domain.stages.check_map import find_endless_turn
from services.journey.domain.stages.read_map import read_map
from shared.errors import BadSettings

BOUGHT = '{fact: purchased, op: "==", value: true}'
MANY = '{fact: uses_total, op: ">=", value: 3}'


def stage(name, condition, **more):
    lines = [f"  - stage: {name}", "    says: A stage."]
    lines += [f"    {key}: {value}" for key, value in more.items()]
    return "\n".join([*lines, f"    enter: {{all: [{condition}]}}"])


def file(*stages):
    return "stages:\n" + "\n".join(stages) + "\n"


def test_a_map_without_from_follows_start_and_all_stages_above():
    made = read_map(file(stage("one", BOUGHT), stage("two", MANY)), "m.yaml")
    assert [one.name for one in made.next["start"]] == ["two", "one"]
    assert [one.name for one in made.next["one"]] == ["two"]
    assert made.facts == {"purchased", "uses_total"}
    assert [str(one) for one in made.asked["one"]] == ["uses_total >= 3"]


BAD = {
    "unknown fact": (
        file(stage("one", "{fact: active_days, op: '>=', value: 8}")),
        "stage `one`: enter.all[0]: fact: unknown fact `active_days`; did you mean `active_days_30d`?",
    ),
    "unknown op": (
        file(stage("one", "{fact: purchases, op: '=>', value: 8}")),
        "stage `one`: enter.all[0]: op: unknown op `=>`; did you mean",
    ),
    "type": (
        file(stage("one", "{fact: purchases, op: '>=', value: many}")),
        "stage `one`: enter.all[0]: value: `purchases` is compared with a whole number",
    ),
    "true is no number": (
        file(stage("one", "{fact: purchases, op: '>=', value: true}")),
        "value: `purchases` is compared with a whole number",
    ),
    "order of truth": (
        file(stage("one", "{fact: purchased, op: '>=', value: true}")),
        "op: `purchased` is true or false: use == or !=",
    ),
    "unknown word": (
        file(stage("one", "{fact: risk_tier, op: '==', value: atrisk}")),
        "unknown value `atrisk`; did you mean `at_risk`?",
    ),
    "too large": (
        file(stage("one", "{fact: uses_total, op: '>=', value: 30}")),
        "`uses_total` can be compared with 29 at most",
    ),
    "missing field": (
        file(stage("one", "{fact: purchases, value: 1}")),
        "enter.all[0]: field `op` is missing",
    ),
    "unknown field": (
        file(stage("one", BOUGHT, form="[start]")),
        "stages[0]: unknown field `form`; did you mean `from`?",
    ),
    "unknown stage": (
        file(stage("one", BOUGHT), stage("two", MANY, **{"from": "[oone]"})),
        "stage `two`: from: unknown stage `oone`; did you mean `one`?",
    ),
    "itself": (file(stage("one", BOUGHT, **{"from": "[one]"})), "a stage cannot follow itself"),
    "twice": (file(stage("one", BOUGHT), stage("one", MANY)), "stages[1]: stage: `one` is taken"),
    "start": (file(stage("start", BOUGHT)), "stages[0]: stage: `start` is taken"),
    "unreachable": (
        file(stage("one", BOUGHT, **{"from": "[two]"}), stage("two", MANY, **{"from": "[one]"})),
        "stage `one`: from: no way leads here from `start`",
    ),
    "never": (
        file(stage("one", "{fact: purchases, op: '>', value: 3}, {fact: purchases, op: '<', value: 4}")),
        "stage `one`: from: no way leads here",
    ),
    "endless": (
        file(stage("one", BOUGHT, **{"from": "[start, two]"}), stage("two", MANY)),
        "stage `one`: enter: a customer could turn without end at one moment: one -> two -> one",
    ),
    "touch point without a moment": (
        file(stage("one", BOUGHT, touch_points="[{channel: email}]")),
        "stage `one`: touch_points[0]: moment: expected a text",
    ),
    "touch point on another channel": (
        file(stage("one", BOUGHT, touch_points="[{moment: m, channel: e-mail, message: h}]")),
        "touch_points[0]: channel: unknown channel `e-mail`; did you mean `email`?",
    ),
    "touch point that looks nowhere": (
        file(stage("one", BOUGHT, touch_points="[{moment: m, channel: chat, message: h, look_up: [uses_totl]}]")),
        "touch_points[0]: look_up: unknown fact `uses_totl`; did you mean `uses_total`?",
    ),
    "empty enter": ("stages:\n  - {stage: one, says: x, enter: {}}", "enter: needs at least one"),
    "no enter": ("stages:\n  - {stage: one, says: x}", "stage `one`: enter: expected the fields"),
    "no says": ("stages:\n  - {stage: one}", "stage `one`: says: expected a text"),
    "no name": ("stages:\n  - {says: x}", "stages[0]: stage: expected a text"),
    "no stages": ("stages: []", "stages: at least one stage is needed"),
    "no list": ("stages: 7", "stages: expected a list"),
    "other file": ("- 1", "file: expected the fields stages"),
    "no yaml": ("stages: [", "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(BadSettings) as raised:
        read_map(text, "m.yaml")
    assert str(raised.value).startswith("journey map m.yaml: ")
    assert message in str(raised.value)


def test_a_turn_that_needs_time_between_is_allowed():
    few = '{fact: uses_total, op: "<", value: 3}'
    turning = file(
        stage("one", few, **{"from": "[start, two]"}), stage("two", MANY, **{"from": "[one]"})
    )
    assert find_endless_turn(read_map(turning, "m.yaml")) is None
