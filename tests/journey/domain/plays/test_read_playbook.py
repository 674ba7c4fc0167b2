"""What is wrong with a playbook is named by file, line and field, all of it at once."""

from pathlib import Path

import pytest

from services.journey.domain.plays.read_playbook import read_playbook
from services.journey.domain.stages.read_map import read_map
from services.journey.edges.playbook import load_playbook
from shared.errors import BadSettings
from tests.journey.plays import STAGES, text, texts

ROOT = Path(__file__).resolve().parents[4]
GOOD = "  - {step: first, mail: one}"


def problems(*plays, **files):
    given = {**texts(*plays), **{name.replace("__", "/"): said for name, said in files.items()}}
    return [str(one) for one in read_playbook(given, STAGES)[1]]


@pytest.mark.parametrize(
    ("play", "expected"),
    [
        (text("  - {step: first, mail: onne}"), "plays/0.yaml:6: steps[0].mail: unknown message `onne`; did you mean `one`?"),
        (text(GOOD, "{stage: onbording}"), "plays/0.yaml:3: starts.stage: unknown stage `onbording`; did you mean `onboarding`?"),
        (text(GOOD, "{}"), "plays/0.yaml:3: starts: one of `stage` and `happens` is needed"),
        (text(GOOD, "{stage: onboarding, happens: ratings}"), "plays/0.yaml:3: starts: one of `stage` and `happens` is needed"),
        (text(GOOD, more="agian: 3d"), "plays/0.yaml:4: agian: unknown field; did you mean `again`?"),
        (text(GOOD, more="again: 3 days"), "plays/0.yaml:4: again: expected a span of time, like 30m, 3h or 2d"),
        (text(GOOD, more="priority: high"), "plays/0.yaml:4: priority: expected a whole number from 0 to 100"),
        (text(GOOD, more="control: 0.9"), "plays/0.yaml:4: control: expected a share from 0 to 0.5"),
        (text(GOOD, more='goal: {all: [{fact: setup_done, op: "==", value: true}]}'), "plays/0.yaml:4: goal.all[0].fact: unknown fact `setup_done`; did you mean `setup_completed`?"),
        (text(GOOD, more='goal: {all: [{fact: ratings, op: "==", value: true}]}'), "plays/0.yaml:4: goal.all[0].value: `ratings` is compared with a whole number"),
        (text("  - {step: first, mail: one, wait: 1d}"), "plays/0.yaml:6: steps[0]: a step has one of mail, in_app, ask, rate, task, call, hand_over, wait, wait_for, if, split, set, offer, start, stop, webhook, open_ticket"),
        (text("  - {step: first, mial: one}"), "plays/0.yaml:6: steps[0].mial: unknown field; did you mean `mail`?"),
        (text("  - {mail: one}"), "plays/0.yaml:6: steps[0]: field `step` is missing"),
        (text("  - {step: first, mail: one, then: {sendt: end}}"), "plays/0.yaml:6: steps[0].then.sendt: no outcome of this step; did you mean `sent`?"),
        (text("  - {step: first, mail: one, then: {sent: frist}}"), "plays/0.yaml:6: steps[0].then.sent: unknown step `frist`; did you mean `first`?"),
        (text(f"{GOOD}\n{GOOD}"), "plays/0.yaml:6: steps[0].step: `first` is taken"),
        (text('  - {step: rest, wait: 1d, until: "9"}'), 'plays/0.yaml:6: steps[0].until: expected a time of day in quotes, like "09:00"'),
        (text("  - {step: call, task: Call, team: onbording, do: x, due: 1d, results: [a]}"), "plays/0.yaml:6: steps[0].team: unknown team `onbording`; did you mean `onboarding`?"),
        (text("  - {step: call, task: Call, team: onboarding, do: x, results: [a]}"), "plays/0.yaml:6: steps[0]: field `due` is missing"),
        (text("  - {step: first, mail: one, then: {sent: end, held back: end}}\n  - {step: lost, mail: two}"), "plays/0.yaml:7: steps[1].step: no way leads to this step"),
        (text("  - {step: first, mail: one}\n  - {step: next, mail: two, then: {sent: first}}"), "plays/0.yaml:6: steps[0]: a run could turn without end: first -> next -> first; one of these steps must wait"),
        ("play: [", "plays/0.yaml:1: not YAML: did not find expected node content"),
        ("[]", "plays/0.yaml:1: expected the fields play, says, starts, steps, priority, again, max_age, goal, leave, stages, control, everybody"),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_named_where_it_stands(play, expected):
    assert expected in problems(play)


def test_everything_is_told_at_once():
    bad = text("  - {step: first, mail: onne}", "{stage: nowhere}", "again: soon")
    found = problems(bad, messages__one="x", **{"messages__three.md": "no head"})
    assert len(found) == 4
    assert found == sorted(found)


def test_messages_have_a_head():
    head = "---\nsubject: Hello\ntopic: x\npurpose: spam\n---\nHello\n"
    (said,) = problems(text(GOOD), **{"messages__one.md": head})
    assert said.startswith("messages/one.md:4: purpose: unknown purpose `spam`; known: help, ")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Hello {{ nmae }}", "messages/one.md:6: unknown word `nmae`; did you mean `name`?"),
        ("\n{% for n in name %}x{% endfor %}", "messages/one.md:7: a message may say words and ask with if, not `for`"),
        ("{{ name.__class__ }}", "messages/one.md:6: a message may say words and ask with if, not `getattr`"),
        ("{{ name * 1000000 }}", "messages/one.md:6: a message may say words and ask with if, not `mul`"),
        ("{{ name|pprint }}", "messages/one.md:6: unknown filter `pprint`; known: capitalize, lower, title, trim, upper"),
        ("{% if %}", "messages/one.md:6: Expected an expression, got 'end of statement block'"),
    ],
    ids=["word", "loop", "attribute", "megabyte", "filter", "syntax"],
)  # fmt: skip
def test_a_template_says_words_and_asks_nothing_more(body, expected):
    head = "---\nsubject: Hello\ntopic: x\npurpose: help\n---\n"
    assert problems(text(GOOD), **{"messages__one.md": head + body}) == [expected]


def test_html_is_mjml_with_a_way_out(tmp_path):
    (tmp_path / "messages").mkdir()
    for name in ("one", "two"):
        head = "---\nsubject: Hello\ntopic: x\npurpose: help\n---\n"
        (tmp_path / "messages" / f"{name}.md").write_text(head + "Hello")
    (tmp_path / "messages" / "one.mjml").write_text("<mjml><mj-body>{{ leave_url }}")
    (tmp_path / "messages" / "two.mjml").write_text("<mjml><mj-body></mj-body></mjml>")
    with pytest.raises(BadSettings) as raised:
        load_playbook(tmp_path, STAGES)
    assert "messages/one.mjml:1: not MJML: " in str(raised.value)
    assert "messages/two.mjml:1: needs a link to `{{ leave_url }}`" in str(raised.value)


def test_a_playbook_with_any_mistake_is_no_playbook(tmp_path):
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "good.yaml").write_text(text("  - {step: rest, wait: 1d}"))
    assert set(load_playbook(tmp_path, STAGES).plays) == {"help"}
    (tmp_path / "plays" / "bad.yaml").write_text(text("  - {step: x, wait: 1}", name="bad"))
    with pytest.raises(BadSettings, match=r"nothing is published[^$]*plays/bad.yaml:6: steps\[0\]"):
        load_playbook(tmp_path, STAGES)


@pytest.mark.parametrize("folder", sorted(ROOT.glob("playbooks/*/")), ids=lambda path: path.name)
def test_our_own_playbooks_are_right(folder):
    journey = read_map((folder / "journey.yaml").read_text(), "journey.yaml")
    load_playbook(folder, [stage.name for stage in journey.stages])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"linkages": "- {linkage: l, from: onboarding, to: onbording, what: x, accept: 1h, escalate: onboarding}"}, "linkages.yaml:1: [0].to: unknown team `onbording`; did you mean `onboarding`?"),
        ({"linkages": "- {linkage: l, from: onboarding, to: onboarding, what: x, accept: 1h, escalate: onboarding}"}, "linkages.yaml:1: [0].to: expected another team than `from`"),
        ({"linkages": "- {linkage: l, from: onboarding, to: helpers, what: x, escalate: onboarding}"}, "linkages.yaml:1: [0]: field `accept` is missing"),
        ({"linkages": "- {linkage: l, from: onboarding, to: helpers, what: x, accept: soon, escalate: onboarding}"}, "linkages.yaml:1: [0].accept: expected a span of time, like 30m, 3h or 2d"),
        ({"linkages": "- {linkage: l, from: onboarding, to: helpers, what: x, accept: 1h, escalate: helpers}"}, "linkages.yaml:1: [0].escalate: expected another team than the one that did not accept"),
        ({"teams": "- {team: a, says: x, roles: [partner]}"}, "teams.yaml:1: [0].roles: a partner's team names its `organisation`"),
        ({"teams": "- {team: a, says: x, roles: [csm], organisation: helpers}"}, "teams.yaml:1: [0].roles: a team of an `organisation` has the role `partner` alone"),
        ({"teams": "- {team: a, says: x, roles: [csm], hours: {zone: Berlin, days: [mon], from: '09:00', to: '17:00'}}"}, "teams.yaml:1: [0].hours.zone: expected an IANA time zone, e.g. Europe/Berlin"),
        ({"teams": "- {team: a, says: x, roles: [csm], hours: {zone: Europe/Berlin, days: [monday], from: '09:00', to: '17:00'}}"}, "teams.yaml:1: [0].hours.days[0]: unknown day `monday`; did you mean `mon`?"),
        ({"teams": "- {team: a, says: x, roles: [csm], hours: {zone: Europe/Berlin, days: [mon], from: '09:00', to: '09:00'}}"}, "teams.yaml:1: [0].hours.to: expected another time than `from`"),
    ],
)  # fmt: skip
def test_teams_and_linkages_are_checked_too(files, expected):
    both = "- {team: onboarding, says: x, roles: [csm]}\n- {team: helpers, says: x, roles: [partner], organisation: helpers}"
    assert expected in problems(
        **{f"{name}.yaml": said for name, said in {"teams": both, **files}.items()}
    )
