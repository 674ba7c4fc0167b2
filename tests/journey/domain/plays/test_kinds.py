"""Every kind of steps: its example is right, its mistakes are named, it says what it makes of what is known."""

import pytest

from services.journey.domain.customers.state import Dated, State
from services.journey.domain.plays.advance import advance
from services.journey.domain.plays.read_playbook import read_playbook
from services.journey.domain.plays.run import (
    Known,
    MakeOffer,
    NoteFact,
    OfferCall,
    Run,
    SendMessage,
    StartPlay,
    StopPlay,
)
from services.journey.domain.steps import STEPS
from services.journey.domain.steps.step import Look
from tests.journey.plays import STAGES, play, text, texts

AT = 1_800_000_000
DAY = 86_400
OTHER = text("  - {step: rest, wait: 1d}", name="other")
ASK = "  - {step: why, ask: why bought, message: asks, at_most: 7d}"
RATE = "  - {step: how, rate: %s, message: asks, at_most: 7d}"


def problems(steps, *others, **files):
    given = {**texts(text(steps), *others), **files}
    return [str(one) for one in read_playbook(given, STAGES)[1]]


def moved(steps, told=None, now=AT, state=None, step=None, customer="c-1", control=False):
    run = Run(
        id="r", play="help", customer=customer, subject="", rotation=0, cause="x", entered=AT,
        version=1, step=step, visit=0 if step is None else 1, since=AT, told=told, control=control,
    )  # fmt: skip
    known = Known(state or State(), "onboarding")
    return advance(play(steps), run, known, now, 1)


def outcomes(found):
    return [line.why for line in found.lines if line.what == "outcome"]


CALLS = "  - {step: s, call: A call, team: %s, message: %s, confirm: %s, length: %s, at_most: 7d, do: Ask., results: [%s], then: {no show: s}}"


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.name)
def test_the_example_of_each_kind_can_be_copied(kind):
    files = texts(f"play: p\nsays: x\nstarts: {{stage: onboarding}}\nsteps:\n  - {kind.example}\n")
    mail = files["messages/one.md"]
    asks = files["messages/asks.md"]
    files |= {
        "messages/set-up-help.md": mail,
        "messages/three-questions.md": asks,
        "messages/how-was-it.md": asks,
    }
    files["facts.yaml"] += "- {fact: set-up, says: x, values: [by phone, alone]}\n"
    files["facts.yaml"] += "- {fact: set-up rating, says: x, question: x, scale: csat}\n"
    files["teams.yaml"] += "- {team: helpers, says: x, roles: [partner], organisation: helpers}\n"
    files["linkages.yaml"] = (
        "- {linkage: late calls, from: onboarding, to: helpers, what: x, accept: 8h, escalate: onboarding}"
    )
    files["webhooks.yaml"] = "- {webhook: shop, says: x, url: 'https://shop.example/hook'}"
    for name in ("renewal", "upgrade"):
        files[f"plays/{name}.yaml"] = OTHER.replace("other", name)
    assert kind.example
    assert kind.says
    assert read_playbook(files, STAGES)[1] == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("  - {step: s, split: {a: 1}}", "plays/0.yaml:6: steps[0].split: needs two arms or more, each with its weight, like {short: 50, long: 50}"),
        ("  - {step: s, split: {a: 1, b: many}}", "plays/0.yaml:6: steps[0].split.b: expected a whole number from 0 to 1000"),
        ("  - {step: s, split: {a: 0, b: 0}}", "plays/0.yaml:6: steps[0].split: one of the weights must be above 0"),
        ("  - {step: s, set: why bougth, to: pets}", "plays/0.yaml:6: steps[0].set: unknown fact of `facts.yaml` `why bougth`; did you mean `why bought`?"),
        ("  - {step: s, set: why bought, to: petz}", "plays/0.yaml:6: steps[0].to: unknown value `petz`; did you mean `pets`?"),
        ("  - {step: s, set: why bought}", "plays/0.yaml:6: steps[0]: field `to` is missing"),
        ("  - {step: s, set: contented, to: 6}", "plays/0.yaml:6: steps[0].to: expected a whole number from 0 to 5"),
        ("  - {step: s, start: othr}", "plays/0.yaml:6: steps[0].start: unknown play `othr`; did you mean `other`?"),
        ("  - {step: s, start: help}", "plays/0.yaml:1: steps: plays could start each other without end: help -> help"),
        ("  - {step: s, stop: help}", "plays/0.yaml:6: steps[0].stop: a play ends its own run with `then: {...: end}`"),
        ("  - {step: s, ask: contented, message: asks, at_most: 1d}", "plays/0.yaml:6: steps[0].ask: unknown fact with values in `facts.yaml` `contented`; known: why bought"),
        ("  - {step: s, ask: why bought, message: one, at_most: 1d}", "plays/0.yaml:6: steps[0].message: `one` needs a link to `{{ answer_url }}`, where one answers"),
        ("  - {step: s, ask: why bought, message: asks}", "plays/0.yaml:6: steps[0]: field `at_most` is missing"),
        ("  - {step: s, rate: why bought, message: asks, at_most: 1d}", "plays/0.yaml:6: steps[0].rate: unknown fact with a scale in `facts.yaml` `why bought`; known: contented, recommends"),
        ("  - {step: s, in_app: oen}", "plays/0.yaml:6: steps[0].in_app: unknown message `oen`; did you mean `one`?"),
        ("  - {step: s, in_app: asks}", "plays/0.yaml:6: steps[0].in_app: `asks` asks something: `ask` or `rate` sends it"),
        ("  - {step: s, webhook: shopp}", "plays/0.yaml:6: steps[0].webhook: unknown webhook of `webhooks.yaml` `shopp`; known: none"),
        ("  - {step: s, open_ticket: x}", "plays/0.yaml:6: steps[0]: field `do` is missing"),
        ("  - {step: s, open_ticket: x, do: y, priority: hihg}", "plays/0.yaml:6: steps[0].priority: unknown priority `hihg`; did you mean `high`?"),
        ("  - {step: s, offer: promotoin, product: cam, valid: 1d}", "plays/0.yaml:6: steps[0].offer: unknown kind of offers `promotoin`; did you mean `promotion`?"),
        ("  - {step: s, offer: referral, product: cam}", "plays/0.yaml:6: steps[0].product: a referral has none: its code is the customer's"),
        ("  - {step: s, offer: upgrade, product: pro}", "plays/0.yaml:6: steps[0]: field `valid` is missing"),
        ("  - {step: s, offer: upgrade, product: pro, valid: 366d}", "plays/0.yaml:6: steps[0].valid: expected 365d at most"),
        ("  - {step: s, offer: upgrade, product: pro, valid: 1d, discount: 95}", "plays/0.yaml:6: steps[0].discount: expected a whole number from 1 to 90"),
        ("  - {step: s, offer: upgrade, product: pro, valid: 1d, discount: 5, price: 9}", "plays/0.yaml:6: steps[0].price: one of `discount` and `price`"),
        (CALLS % ("onboarding", "books", "agreed", "15m", "helped"), "plays/0.yaml:6: steps[0].team: `onboarding` has no `hours` in `teams.yaml`: they say when it can be called"),
        (CALLS % ("calers", "books", "agreed", "15m", "helped"), "plays/0.yaml:6: steps[0].team: unknown team `calers`; did you mean `callers`?"),
        (CALLS % ("callers", "one", "agreed", "15m", "helped"), "plays/0.yaml:6: steps[0].message: `one` needs a link to `{{ booking_url }}`, where one chooses a time"),
        (CALLS % ("callers", "books", "one", "15m", "helped"), "plays/0.yaml:6: steps[0].confirm: `one` needs `{{ call_at }}`, the time that is agreed on"),
        (CALLS % ("callers", "books", "agreed", "3m", "helped"), "plays/0.yaml:6: steps[0].length: expected from 5m to 8h"),
        (CALLS % ("callers", "books", "agreed", "15m", "no show"), "plays/0.yaml:6: steps[0].results: `no show` is an outcome of every call: leave it out"),
        ("  - {step: s, mail: books}", "plays/0.yaml:6: steps[0].mail: `books` speaks of a call: `call` sends it"),
        ("  - {step: s, in_app: agreed}", "plays/0.yaml:6: steps[0].in_app: `agreed` speaks of a call: `call` sends it"),
        ("  - {step: s, hand_over: Call, linkage: late, do: x, due: 1d, results: [a]}", "plays/0.yaml:6: steps[0].linkage: unknown linkage of `linkages.yaml` `late`; known: none"),
        ("  - {step: s, mail: asks}", "plays/0.yaml:6: steps[0].mail: `asks` asks something: `ask` or `rate` sends it"),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_named_where_it_stands(steps, expected):
    assert expected in problems(steps, OTHER)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("- {fact: ratings, says: x, values: [a, b]}", "facts.yaml:1: [0].fact: `ratings` is taken"),
        ("- {fact: a, says: x}", "facts.yaml:1: [0]: one of `values` and `scale` is needed"),
        ("- {fact: a, says: x, values: [b]}", "facts.yaml:1: [0].values: needs two values or more, each once"),
        ("- {fact: a, says: x, scale: cast}", "facts.yaml:1: [0].scale: unknown scale `cast`; did you mean `csat`?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_declared_facts_is_named(facts, expected):
    assert expected in problems("  - {step: s, wait: 1d}", **{"facts.yaml": facts})


@pytest.mark.parametrize(
    ("webhook", "expected"),
    [
        ("{webhook: a, says: x, url: 'http://shop.example/'}", "webhooks.yaml:1: [0].url: expected https://HOST/... on port 443 or 8443, without user"),
        ("{webhook: a, says: x, url: 'https://me@shop.example/'}", "webhooks.yaml:1: [0].url: expected https://HOST/... on port 443 or 8443, without user"),
        ("{webhook: a, says: x, url: 'https://shop.example/', facts: [risk]}", "webhooks.yaml:1: [0].facts[0]: unknown fact `risk`; did you mean `risk_tier`?"),
        ("{webhook: a, says: x}", "webhooks.yaml:1: [0]: field `url` is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_webhooks_is_named(webhook, expected):
    assert expected in problems("  - {step: s, wait: 1d}", **{"webhooks.yaml": f"- {webhook}"})


def test_plays_that_start_each_other_are_refused():
    first = text("  - {step: s, start: second}", name="first")
    second = text("  - {step: s, start: first}", name="second")
    found = [str(one) for one in read_playbook(texts(first, second), STAGES)[1]]
    assert found == [
        "plays/0.yaml:1: steps: plays could start each other without end: first -> second -> first"
    ]


def test_conditions_know_what_the_playbook_declares():
    asks = '  - {step: s, if: {all: [{fact: why bought, op: "==", value: %s}]}}'
    assert problems(asks % "pets") == []
    expected = (
        "plays/0.yaml:6: steps[0].if.all[0].value: unknown value `petz`; did you mean `pets`?"
    )
    assert expected in problems(asks % "petz")


def test_a_split_gives_the_same_arm_for_good_and_each_arm_its_share():
    made = play("  - {step: s, split: {a: 1, b: 3}}\n  - {step: rest, wait: 1d}")
    (split,) = [step.does for step in made.steps if step.key == "s"]

    def arm(customer, now):
        return split.look(
            Look(AT, 1, None, True, "s", Known(State(), None), now, customer, "help")
        ).word

    arms = [arm(f"c-{n}", AT) for n in range(2_000)]
    assert arms == [arm(f"c-{n}", AT + DAY) for n in range(2_000)]
    assert 0.22 < arms.count("a") / 2_000 < 0.28


def test_a_fact_that_is_noted_is_known_to_the_next_step_and_the_given_state_stays():
    state = State()
    steps = """  - {step: s, set: why bought, to: pets}
  - {step: f, if: {all: [{fact: why bought, op: "==", value: pets}]}, then: {yes: end}}
  - {step: rest, wait: 1d}"""
    found = moved(steps, state=state)
    assert outcomes(found) == ["noted", "yes"]
    assert found.acts == (NoteFact("why bought", "pets", AT, "s", 1),)
    assert state == State()


def test_plays_are_started_and_stopped_at_once():
    steps = "  - {step: a, start: other}\n  - {step: b, stop: other}"
    (made,) = [
        one
        for one in read_playbook(texts(text(steps), OTHER), STAGES)[0].plays.values()
        if one.name == "help"
    ]
    run = Run("r", "help", "c-1", "", 0, "x", AT, 1, since=AT)
    found = advance(made, run, Known(State(), "onboarding"), AT, 1)
    assert found.acts == (StartPlay("other", AT, "a", 1), StopPlay("other", "b", 2))
    assert found.run.ending == "done"


def said(fact, value, at):
    return State(said={fact: [Dated(at, "answer:m", value)]})


@pytest.mark.parametrize(
    ("told", "answered", "now", "expected"),
    [
        pytest.param(None, None, AT + DAY, [], id="waits for the verdict"),
        pytest.param("sent", None, AT + 7 * DAY - 1, [], id="waits for the answer"),
        pytest.param("sent", None, AT + 7 * DAY, ["timed out"], id="too long"),
        pytest.param("held back", None, AT, ["held back"], id="nothing went out"),
        pytest.param("sent", AT + DAY, AT + DAY, ["answered"], id="answered"),
        pytest.param("sent", AT + 7 * DAY, AT + 9 * DAY, ["answered"], id="answered just in time"),
        pytest.param("sent", AT, AT + DAY, [], id="an answer of before"),
    ],
)
def test_a_question_is_over_with_its_answer_or_its_time(told, answered, now, expected):
    state = State() if answered is None else said("why bought", "pets", answered)
    found = moved(ASK, told=told, now=now, state=state, step="why")
    assert outcomes(found) == expected
    assert found.run.due == (None if expected else AT + 7 * DAY)


def test_a_question_goes_out_once_with_its_fact_and_its_last_moment():
    assert moved(ASK).acts == (SendMessage("asks", "why", 1, "why bought", AT + 7 * DAY),)
    assert moved(ASK, step="why").acts == ()


@pytest.mark.parametrize(
    ("fact", "number", "expected"),
    [
        ("contented", 5, "satisfied"), ("contented", 4, "satisfied"), ("contented", 3, "neutral"),
        ("contented", 1, "dissatisfied"), ("recommends", 9, "promoter"), ("recommends", 8, "passive"),
        ("recommends", 6, "detractor"), ("recommends", 0, "detractor"),
    ],
)  # fmt: skip
def test_a_rating_is_what_its_scale_says(fact, number, expected):
    state = said(fact, number, AT + 5)
    found = moved(RATE % fact, told="sent", now=AT + 5, state=state, step="how")
    assert outcomes(found) == [expected]


OFFER = "  - {step: s, offer: promotion, product: cam, discount: 15, valid: 2d, then: {refused: end}}\n  - {step: rest, wait: 1d}"


@pytest.mark.parametrize(
    ("told", "expected", "stands"),
    [
        (None, [], "s"),
        ("made", ["made"], "rest"),
        ("refused: no longer sold", ["refused: no longer sold"], "s"),
    ],
)
def test_an_offer_goes_on_as_it_is_told_with_the_reason_in_the_trace(told, expected, stands):
    found = moved(OFFER, told=told, step="s")
    assert (outcomes(found), found.run.step, found.acts) == (expected, stands, ())


def test_an_offer_is_asked_for_once():
    assert moved(OFFER).acts == (MakeOffer("promotion", "cam", 15, None, 2 * DAY, "s", 1),)


CALL = CALLS % ("callers", "books", "agreed", "15m", "helped") + "\n  - {step: rest, wait: 1d}"


def test_a_call_is_offered_once_with_its_invitation():
    acts = moved(CALL).acts
    offer, mail = acts
    assert mail == SendMessage("books", "s", 1, until=AT + 7 * DAY)
    assert isinstance(offer, OfferCall)
    assert offer.results == ("helped", "no show")
    assert (offer.notice_s, offer.within_s, offer.remind_s) == (4 * 3_600, 14 * DAY, 2 * 3_600)


@pytest.mark.parametrize(
    ("told", "days", "expected"),
    [
        ("sent", 6, []),
        ("sent", 7, ["not booked"]),
        ("booked", 400, []),
        ("helped", 3, ["helped"]),
        ("held back", 1, ["held back"]),
        (f"cancelled until {AT + DAY}", 6, []),
        (f"cancelled until {AT + DAY}", 7, ["cancelled"]),
        (f"cancelled until {AT + 9 * DAY}", 8, []),
        (f"cancelled until {AT + 9 * DAY}", 9, ["cancelled"]),
    ],
)
def test_a_call_goes_on_as_it_is_told_and_not_for_ever(told, days, expected):
    found = moved(CALL, told=told, step="s", now=AT + days * DAY)
    assert (outcomes(found), found.acts) == (expected, ())


def test_who_was_not_there_may_be_offered_another_one():
    found = moved(CALL, told="no show", step="s", now=AT + 3 * DAY)
    assert (outcomes(found), found.run.step, found.run.visit) == (["no show"], "s", 2)
    assert [type(act) for act in found.acts] == [OfferCall, SendMessage]
