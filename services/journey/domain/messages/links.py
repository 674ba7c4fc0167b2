"""Addresses that stand in a message: each leads over a page of ours, so that who opens it is known.

Only those that stand there as they are: one with a word of the customer in it stays as it is written, and
so do those where one leaves or answers. No picture tells us that a mail was opened.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from services.journey.domain.messages.purpose import OWED
from services.journey.domain.plays.play import Message

IN_TEXT = re.compile(r"https?://[^\s<>\"'()\[\]{}|\\^`]+")
IN_HTML = re.compile(
    r"(?P<before><a\b[^>]*?\bhref=)(?P<quote>[\"'])(?P<address>https?://[^\"']+)(?P=quote)"
)
AFTER_IT = ".,;:!?"  # of the sentence, not of the address
MOST = 2_000  # characters of an address


class Led(NamedTuple):
    """A message whose links are words, and the addresses they stand for, by the links' ids."""

    message: Message
    addresses: Mapping[str, str]


def id_of(address: str) -> str:
    """The same for the same address, in whatever message of whatever version."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def word(link: str) -> str:
    """How a template says a link."""
    return f"link_{link}"


@lru_cache(maxsize=512)
def led(message: Message) -> Led:
    """The message with a word for each of its addresses; what we owe is followed by nobody."""
    addresses: dict[str, str] = {}
    if message.purpose in OWED:
        return Led(message, addresses)

    def named(address: str) -> str:
        addresses[id_of(address)] = address
        return f"{{{{ {word(id_of(address))} }}}}"

    html = None if message.html is None else IN_HTML.sub(_in_html(named), message.html)
    return Led(replace(message, text=_in_text(message.text, named), html=html), addresses)


def _in_text(text: str, named: Callable[[str], str]) -> str:
    def over_ours(matched: re.Match[str]) -> str:
        written = matched[0]
        address = written.rstrip(AFTER_IT)
        if text.startswith("{{", matched.end()) or len(address) > MOST:
            return written  # the address goes on with something of the customer
        return named(address) + written[len(address) :]

    return IN_TEXT.sub(over_ours, text)


def _in_html(named: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    def over_ours(matched: re.Match[str]) -> str:
        address = unescape(matched["address"])
        if "{{" in address or "{%" in address or len(address) > MOST:
            return matched[0]
        return f"{matched['before']}{matched['quote']}{named(address)}{matched['quote']}"

    return over_ours
