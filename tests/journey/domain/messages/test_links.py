"""Addresses of messages, and who opened them."""

from datetime import UTC, datetime, timedelta

import pytest

from services.journey.domain.messages.click import Opened, is_person
from services.journey.domain.messages.letter import write
from services.journey.domain.messages.purpose import Purpose
from services.journey.domain.plays.play import Message

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GO = "https://us.example.org/go/token/"


def letter(text, html=None, purpose=Purpose.HELP, go=GO):
    message = Message("m", "tips", purpose, "Hello", text, html)
    known = {"name": "Ann & Bob"}
    return write(message, "a@example.org", known, "https://l", "https://a", footer=False, go_url=go)


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("See https://help.example.com/set-up.", ["https://help.example.com/set-up"]),
        ("(https://a.example/x?y=1&z=2)", ["https://a.example/x?y=1&z=2"]),
        ("https://a.example/1, https://a.example/2", ["https://a.example/1", "https://a.example/2"]),
        ("{% if name %}https://a.example/1{% endif %}", ["https://a.example/1"]),
        ("https://a.example/{{ name }}", []),
        ("{{ leave_url }} {{ answer_url }}", []),
        ("no link", []),
    ],
    ids=["a sentence", "brackets", "two", "a condition", "of the customer", "ours", "none"],
)  # fmt: skip
def test_which_addresses_of_a_text_lead_over_ours(text, leads_to):
    sent = letter(text)
    assert sorted(sent.leads_to.values()) == leads_to
    for link, address in sent.leads_to.items():
        assert address not in sent.text
        assert f"{GO}{link}" in sent.text
    assert letter(text, go="").text == sent.text.replace(GO, "") or leads_to


def test_of_html_only_what_one_can_press_leads_over_ours():
    html = (
        '<link href="https://fonts.example/f.css"><img src="https://a.example/i.png">'
        '<a class="x" href="https://a.example/1?a=1&amp;b=2">one</a><a href="{{ leave_url }}">no more</a>'
    )
    sent = letter("https://a.example/1?a=1&b=2", html)
    (link,) = sent.leads_to
    assert sent.leads_to[link] == "https://a.example/1?a=1&b=2"  # the same in both parts
    assert f'href="{GO}{link}"' in sent.html
    assert "https://fonts.example/f.css" in sent.html
    assert "https://a.example/i.png" in sent.html
    assert sent.html.count("/go/") == 1


def test_what_is_owed_is_followed_by_nobody():
    sent = letter("https://a.example/reset", purpose=Purpose.TRANSACTIONAL)
    assert (sent.text, sent.leads_to) == ("https://a.example/reset", {})


def after(seconds, link="a"):
    return Opened(link, NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("opened", "others", "expected"),
    [
        (after(4.9), [], False),
        (after(5), [], True),
        (after(600), [after(601, "b")], False),
        (after(600), [after(601.1, "b")], True),
        (after(600), [after(600.2, "a")], True),
        (after(600), [after(599.5, "b")], False),
    ],
    ids=[
        "at once",
        "read",
        "two in a second",
        "two in more",
        "the same twice",
        "the second of two",
    ],
)
def test_who_is_taken_for_a_person(opened, others, expected):
    assert is_person(opened, NOON, [opened, *others]) is expected
