"""JSON Schemas for editors say what the readers say: what we ship is right, what readers refuse is refused."""

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.journey.domain.plays.read_playbook import read_playbook
from services.journey.domain.plays.schemas import schemas
from services.journey.domain.stages.read_map import read_map
from services.journey.domain.steps import STEPS
from services.journey.edges.playbook import read_folder
from tests.journey.plays import STAGES, text, texts

ROOT = Path(__file__).resolve().parents[4]
GOOD = "  - {step: first, mail: one}"
CONDITION = 'goal: {all: [{fact: %s, op: "%s", value: %s}]}'


def made(texts_, stages):
    playbook, problems = read_playbook(texts_, stages)
    assert problems == []
    return schemas(playbook, stages)


def wrong(schema, said):
    return [
        error.message for error in Draft202012Validator(schema).iter_errors(yaml.safe_load(said))
    ]


@pytest.fixture(scope="module")
def ours():
    return made(texts(text(GOOD)), STAGES)


@pytest.mark.parametrize("folder", sorted(ROOT.glob("playbooks/*/")), ids=lambda path: path.name)
def test_whatever_we_ship_is_right_and_says_where_its_schema_is(folder):
    stages = [stage.name for stage in read_map((folder / "journey.yaml").read_text(), "map").stages]
    playbook, problems = read_folder(folder, stages)
    assert problems == []
    for name, schema in schemas(playbook, stages).items():
        Draft202012Validator.check_schema(schema)
        pattern = "plays/*.yaml" if name == "play" else f"{name}.yaml"
        for path in folder.glob(pattern):
            said = path.read_text()
            assert wrong(schema, said) == [], path
            first = said.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
            assert (path.parent / first).resolve() == folder.resolve() / f"schemas/{name}.json"


@pytest.mark.parametrize(
    "said",
    [
        "[]",
        text("  - {step: first, mail: onne}"),
        text("  - {step: first, mial: one}"),
        text("  - {mail: one}"),
        text("  - {step: first}"),
        text("  - {step: first, mail: one, wait: 1d}"),
        text("  - {step: first, wait: 1 day}"),
        text('  - {step: rest, wait: 1d, until: "9"}'),
        text("  - {step: call, task: Call, team: onbording, do: x, due: 1d, results: [a]}"),
        text("  - {step: call, task: Call, team: onboarding, do: x, results: [a]}"),
        text("  - {step: call, task: Call, team: onboarding, do: x, due: 1d, results: []}"),
        text("  - {step: w, wait_for: {happens: nothing, at_most: 1d}}"),
        text("  - {step: w, wait_for: {until: {}, at_most: 1d}}"),
        text("  - {step: w, wait_for: {happens: ratings}}"),
        text("  - {step: a, set: why, to: x}"),
        text(GOOD, "{stage: onbording}"),
        text(GOOD, more="agian: 3d"),
        text(GOOD, more="again: 3 days"),
        text(GOOD, more="priority: high"),
        text(GOOD, more="priority: 101"),
        text(GOOD, more="control: 0.9"),
        text(GOOD, more="everybody: often"),
        text(GOOD, more="stages: [nowhere]"),
        text(GOOD, more=CONDITION % ("setup_done", "==", "true")),
        text(GOOD, more=CONDITION % ("ratings", "==", "true")),
        text(GOOD, more=CONDITION % ("setup_completed", ">=", "true")),
        text(GOOD, more=CONDITION % ("why bought", "==", "fun")),
        text(GOOD, more="goal: {some: []}"),
    ],
)
def test_what_the_reader_refuses_and_a_schema_can_say_is_refused(ours, said):
    assert read_playbook(texts(said), STAGES)[1] != []
    assert wrong(ours["play"], said) != []


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("teams", "- {team: a, says: x}"),
        ("teams", "- {team: a, says: x, roles: [cms]}"),
        ("teams", "- {team: a, says: x, roles: [csm], minutes_a_task: 0}"),
        ("teams", "- {team: a, says: x, roles: [csm], hours: {zone: UTC, days: [son], from: '9', to: x}}"),
        ("linkages", "- {linkage: a, from: nobody, to: onboarding, what: x, accept: 1d, escalate: onboarding}"),
        ("facts", "- {fact: A, says: x, values: [a, b]}"),
        ("facts", "- {fact: a, says: x, scale: stars}"),
        ("webhooks", "- {webhook: a, says: x, url: 'https://a.example', facts: [none]}"),
        ("journey", "stages: [{stage: a, says: b}]"),
        ("journey", "stages: [{stage: a, says: b, enter: {}}]"),
        ("journey", "stages: [{stage: a, says: b, enter: {all: [{fact: purchased, op: '>', value: true}]}}]"),
    ],
)  # fmt: skip
def test_so_are_mistakes_in_the_other_files(ours, file, said):
    assert wrong(ours[file], said) != []


def test_every_kind_of_steps_is_known_by_its_example(ours):
    steps = ours["play"]["properties"]["steps"]["items"]["anyOf"]
    for kind, step in zip(STEPS, steps, strict=True):
        assert {"step", kind.name} <= set(step["required"])
        fields = set(yaml.safe_load(kind.example))
        assert fields <= set(step["properties"]), kind.name
