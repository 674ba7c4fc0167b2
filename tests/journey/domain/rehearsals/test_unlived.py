"""What a rehearsal says that it cannot live through."""

import pytest

from services.journey.domain.rehearsals.unlived import unlived
from tests.journey.plays import playbook, text

OTHER = text("  - {step: first, mail: one}", name="other")
HOOKS = "- {webhook: shop, says: The shop., url: 'https://shop.example/hook'}"


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("{step: why, ask: why bought, message: asks, at_most: 7d}", "`why`: only answers really given"),
        ("{step: how, rate: contented, message: asks, at_most: 7d}", "`how`: only answers really given"),
        ("{step: tell, webhook: shop}", "`tell`: `shop` is not called"),
        ("{step: more, offer: promotion, product: cam, valid: 9d}", "`more`: it is taken to be made"),
        ("{step: talk, call: A call, team: callers, message: books, confirm: agreed, length: 15m, at_most: 7d, do: Ask., results: [a]}", "`talk`: only calls really held count"),
        ("{step: next, start: other}", "`next`: play `other` is not lived"),
        ("{step: no more, stop: other}", "`no more`: play `other` is as it really was"),
    ],
    ids=["a question", "a rating", "a webhook", "an offer", "a call", "starts another", "stops another"],
)  # fmt: skip
def test_a_step_that_reaches_others_is_named(steps, says):
    plays = playbook(text(f"  - {steps}"), OTHER, webhooks=HOOKS).plays
    (said,) = unlived(plays["help"], plays)
    assert said.startswith(says)


def test_what_other_plays_do_to_it_is_named():
    other = text("  - {step: next, start: help}\n  - {step: away, stop: help}", name="other")
    plays = playbook(text("  - {step: first, mail: one}"), other).plays
    assert unlived(plays["help"], plays) == [
        "play `other` starts it at `next`; who enters so is missing",
        "play `other` stops it at `away`; here such runs go on",
    ]


def test_a_play_of_its_own_is_lived_whole():
    plays = playbook(text("  - {step: first, mail: one}\n  - {step: rest, wait: 1h}")).plays
    assert unlived(plays["help"], plays) == []
