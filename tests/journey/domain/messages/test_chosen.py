"""What a message of the playbook says to whom: chosen by what went wrong, then by what is not used."""

import pytest

from services.journey.domain.facts import FACTS
from services.journey.domain.messages.fill import fill
from tools.local.process import ROOT

NOTHING = {"name": "Ann", **{fact.name: 0 if fact.type is int else "" for fact in FACTS}}
HELPS = [
    ({}, "Alexa or Google Home"),
    ({"integrations_linked": 1}, "a quiet time at night"),
    ({"contact_reason": "something else"}, "You had to write to us".lower()),
    ({"contact_reason": "wifi_lost"}, "trouble with the Wi-Fi"),
    ({"contact_reason": "wifi_lost", "failed_step": "none"}, "trouble with the Wi-Fi"),
    ({"contact_reason": "wifi_lost", "failed_step": "pair"}, "one step of the set-up"),
    ({"failed_step": "pair", "app_errors": 2}, "shown you an error"),
]


def said(message, **facts):
    text = (ROOT / f"playbooks/home-camera/messages/{message}.md").read_text()
    return " ".join(fill(text.partition("---\n\n")[2] or text, {**NOTHING, **facts}).split())


@pytest.mark.parametrize(("facts", "expected"), HELPS, ids=[say for _, say in HELPS])
def test_what_went_wrong_comes_before_what_is_not_used(facts, expected):
    told = said("what-would-help", **facts)
    assert expected in told
    assert sum(other in told for other in {say for _, say in HELPS}) == 1


def test_whoever_has_linked_it_is_not_told_how():
    assert "Alexa" in said("not-used-yet", devices=1)
    assert "Alexa" not in said("not-used-yet", devices=1, integrations_linked=1)
    assert "more than one camera" in said("not-used-yet", devices=2, integrations_linked=1)


@pytest.mark.parametrize(
    ("reason", "article"),
    [("wifi_weak", "/wifi"), ("lens_dirty", "/lens"), ("storage_full", "/storage")],
)
def test_an_open_ticket_brings_its_own_article(reason, article):
    assert article in said("we-have-it", contact_reason=reason)
    assert "a person looks at it" not in said("we-have-it", contact_reason=reason)


def test_whoever_wrote_to_us_reads_that_a_person_has_it():
    told = said("we-have-it", contact_reason="something else")
    assert "a person looks at it" in told
    assert "help.example.com" not in told
