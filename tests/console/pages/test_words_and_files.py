"""Every sentence is in the catalogue and used, every file of others is the one that was checked."""

import hashlib
import re
from pathlib import Path

import pytest
from jinja2 import meta

from services.console.edges.pages import PAGES, ROUTERS
from services.console.edges.pages.frame import Frame
from services.console.edges.pages.page import page_of, rights
from services.console.edges.pages.statics import FOLDER, Statics
from services.console.edges.pages.words import Words

PAGES_ROOM = FOLDER.parent
KEY = re.compile(r"""["']([a-z_]+(?:\.[a-z_]+)+)["']""")
# chosen by a value: the beginning of the key stands in the code
CHOSEN = (
    "roles.",
    "problems.",
    "services.",
    "spans.",
    "frame.places.",
    "kept.fields.",
    "renewals.outcome_",
    "consent.",
    "contacts.role_",
    "talks.kind_",
    "talks.outcome_",
    "contacts.channel_",
    "contacts.by_",
    "plays.lift_",
    "referrals.side_",
    "customers.made_",
    "renewals.reason_",
    "sign_in.said_",
    "account.said_",
    "account.theme_",
    "messages.as.",
    "messages.purposes.",
    "tickets.view.",
    "refused.",
    "tickets.did.",
    "tickets.why.",
    "tickets.columns.",
    "palette.",
    "tickets.by.",
    "tasks.none_",
    "handoffs.",
    "story.hand_off_",
    "plays.ending.",
    "plays.state.",
    "plays.stands.",
    "plays.draft_state.",
    "plays.source.",
    "plays.way.",
    "referrals.side_",
    "customers.made_",
    "referrals.pending",
    "referrals.final",
    "referrals.reversed",
    "plays.line.",
    "plays.verdict.",
    "plays.against.",
    "plays.left_out.",
    "rehearsals.left_out.",
    "tickets.resolutions.",
    "tickets.audiences.",
    "tickets.said_",
    "tickets.states.",
    "tickets.sorts.",
    "tickets.priorities.",
    "audit.broken_",
    "jobs.state_",
    "rejects.",
    "causes.",
    "cures.",
    "outcomes.",
    "broker.",
    "on_call.said_",
    "on_call.held.",
    "staff.said_",
    "staff.state_",
    "organisations.said_",
    "organisations.refused_",
    "contact.for_",
    "customers.kind_",
    "customers.outage",
    "customers.unheard",
    "customers.vacation",
    "customers.refusal_",
    "products.kind_",
    "products.expected_",
    "customers.plan_",
    "customers.by_",
    "customers.fact_",
    "customers.tier_",
    "customers.state_",
    "customers.cancels_",
    "customers.device_",
    "customers.said_",
    "audience.fate.",
    "at_risk.basis_",
    "at_risk.brief",
    "at_risk.instead",
    "at_risk.by_",
    "at_risk.outcome_",
    "at_risk.said_",
    "story.",
    "devices.of_",
    "devices.said_",
    "journey.channel_",
)


def written() -> set[str]:
    """Whatever looks like a key in templates and code."""
    found = set()
    for path in [*PAGES_ROOM.rglob("*.html"), *PAGES_ROOM.rglob("*.py")]:
        found |= set(KEY.findall(path.read_text("utf-8")))
    return found


def test_every_sentence_is_used_and_every_key_has_one():
    words, used = Words(), written()
    tables = {key.partition(".")[0] for key in words.said}
    asked = {
        key
        for key in used
        if key.partition(".")[0] in tables and not key.endswith((".html", ".js"))
    }
    assert {key for key in asked if not words.has(key) and not key.startswith(CHOSEN)} == set()
    assert {key for key in words.said if key not in used and not key.startswith(CHOSEN)} == set()


def test_a_template_says_nothing_that_is_not_in_the_catalogue():
    """Text between tags comes from `t(...)` or from a value."""
    for path in PAGES_ROOM.rglob("*.html"):
        plain = re.sub(
            r"{#.*?#}|{% block layout %}.*?{% endblock %}|{%.*?%}|{{.*?}}|<!doctype html>",
            " ",
            path.read_text("utf-8"),
            flags=re.DOTALL,
        )
        text = re.sub(r"<[^>]*>", " ", plain)
        assert not re.search(r"[A-Za-z]{2,}", text), f"{path.name}: {text.split()}"


def test_plural_forms_and_numbers():
    words = Words()
    assert words("sign_in.wait", n=1).endswith("one second.")
    assert words("sign_in.wait", n=1200).endswith("in 1,200 seconds.")
    with pytest.raises(KeyError):
        words("sign_in.nothing_of_the_kind")


def test_titles_icons_and_keys_of_the_catalogue():
    words, icons = Words(), (FOLDER / "icons.svg").read_text("utf-8")
    for page in PAGES:
        assert words.has(page.title), page.path
        assert not page.icon or f'id="{page.icon}"' in icons, page.path
        assert bool(page.roles) != bool(page.why), page.path
    keys = [page.key for page in PAGES if page.key]
    assert len(keys) == len(set(keys))


def test_every_icon_that_is_drawn_is_there():
    icons = set(re.findall(r'<symbol id="([^"]+)"', (FOLDER / "icons.svg").read_text("utf-8")))
    for path in PAGES_ROOM.rglob("*.html"):
        drawn = set(re.findall(r'icon\("([^"]+)"', path.read_text("utf-8")))
        assert drawn <= icons, path.name


def test_files_of_others_are_the_ones_that_were_checked():
    vendor = FOLDER / "vendor"
    sums = dict(line.split()[::-1] for line in (vendor / "SHA256SUMS").read_text().splitlines())
    there = {path.name for path in vendor.iterdir() if path.suffix in {".js", ".css"}}
    assert there == set(sums)
    for name, wanted in sums.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == wanted, name


def test_every_page_of_the_catalogue_has_routes():
    lines = rights(PAGES, ROUTERS)
    for page in PAGES:
        assert any(page_of(PAGES, line.route) is page for line in lines), page.path


def test_nothing_in_a_template_is_a_style_or_a_script():
    """The policy would refuse it: `style=`, `onclick=`, inline scripts."""
    for path in Path(PAGES_ROOM).rglob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! src)", text), path.name
        assert "|safe" not in text, path.name


def test_macros_know_of_a_page_only_who_looks():
    """They are made once for all that one look imports: `Frame`."""
    environment = Frame(Statics(), Words()).environment
    texts = {path.name: path.read_text("utf-8") for path in PAGES_ROOM.rglob("*.html")}
    imported = {name for text in texts.values() for name in re.findall(r'import "([^"]+)"', text)}
    assert "macros.html" in imported
    for name in imported:
        used = meta.find_undeclared_variables(environment.parse(texts[name]))
        assert used - environment.globals.keys() <= {"view"}, name
