"""Addresses, passwords, roles, codes and waits: what is taken and what is not."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

import pyotp
import pytest

from services.console.domain.accounts import address, one_time_code, passwords
from services.console.domain.accounts.account import check_roles
from services.console.domain.programs.api_key import check, id_of, written
from services.console.domain.provider import client_secret
from services.console.domain.provider.provider import mapped, proven
from services.console.domain.sessions.tries import LONGEST, QUIET, Tries
from services.console.errors import BadKey, BadRoles, GroupsIncomplete

NOW = datetime(2026, 3, 1, 12, 0, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.org\r\nBcc: all@example.org",
        "ann@example.org\n",
        "ann\x00@example.org",
        "ann@b@example.org",
        "ann",
        "@example.org",
        "ann@",
        "ann@localhost",
        "ann@exämple.org",
        "mi\u212ae@example.org",
        "\uff41nn@example.org",
        "änn@example.org",
        "ann@example..org",
        "ann@-example.org",
        "ann@[127.0.0.1]",
        '"ann smith"@example.org',
        "ann smith@example.org",
        "<ann@example.org>",
        "ann@example.org,ben@example.org",
        "a" * 65 + "@example.org",
        "ann@" + "a" * 400 + ".org",
        "ann@" + ".".join(["a" * 60] * 6),
        "",
    ],
)
def test_an_address_that_could_do_harm_is_no_address(text):
    with pytest.raises(ValueError, match="ASCII"):
        address.email(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann.O'Neil+x@Mail.Example.ORG", "ann.o'neil+x@mail.example.org"),
        (" ann@example.org\u00a0\t", "ann@example.org"),
        ("ann@xn--exmple-cua.org", "ann@xn--exmple-cua.org"),
    ],
)
def test_an_address_is_kept_in_one_form(text, kept):
    assert address.email(text) == kept


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12 characters"),
        ("elevenchars", "12 characters"),
        ("a" * 257, "256 characters"),
        ("ann@example.org", "your e-mail"),
        ("aaaaaaaaaaaaaa", "repeats"),
        ("password1234", "guessed"),
        ("Passw0rd!!!!", "guessed"),
        ("P@ssw0rd2026", "guessed"),
        ("letmeinletmein", "guessed"),
        ("123456789012", "guessed"),
        ("qwertyuiop123", "guessed"),
        ("Playcaller2026!", "guessed"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password, why):
    assert why in passwords.complaint(password, "ann@example.org")


@pytest.mark.parametrize("password", ["twelve chars", "correct horse battery", "ü" * 6 + "abcdef"])
def test_a_long_password_needs_no_kinds_of_characters(password):
    assert passwords.complaint(password, "ann@example.org") is None


@pytest.mark.parametrize(
    ("roles", "organisation"),
    [
        ([], None),
        (["partner"], None),
        (["agent"], "o-1"),
        (["partner", "agent"], "o-1"),
        (["service"], None),
        (["vendor"], None),
    ],
)
def test_roles_that_nobody_has_together(roles, organisation):
    with pytest.raises(BadRoles):
        check_roles(roles, organisation)


def test_a_partner_has_its_organisation():
    assert check_roles(["partner"], "o-1") == {"partner"}
    assert check_roles(["agent", "csm"], None) == {"agent", "csm"}


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_telephones_clock_may_be_one_step_off(steps, taken):
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(NOW, counter_offset=steps)
    assert (one_time_code.accepted_step(secret, code, NOW, 0) is not None) is taken


def test_a_code_is_taken_once_and_older_ones_never_after_it():
    secret = pyotp.random_base32()
    totp = pyotp.TOTP(secret)
    used = one_time_code.accepted_step(secret, totp.at(NOW), NOW, 0)
    assert one_time_code.accepted_step(secret, totp.at(NOW), NOW, used) is None
    assert one_time_code.accepted_step(secret, totp.at(NOW, counter_offset=-1), NOW, used) is None
    assert (
        one_time_code.accepted_step(secret, totp.at(NOW, counter_offset=1), NOW, used) == used + 1
    )


def test_the_waits_double_up_to_a_quarter_of_an_hour_and_are_forgotten():
    tries = Tries()
    waits = []
    for _ in range(20):
        tries = tries.counted(NOW)
        waits.append(tries.wait(NOW, free=5).total_seconds())
    assert waits[:8] == [0, 0, 0, 0, 1, 2, 4, 8]
    assert waits[-1] == LONGEST.total_seconds()
    assert tries.wait(NOW + LONGEST, free=5) == timedelta(0)
    assert tries.counted(NOW + LONGEST).wait(NOW + LONGEST, free=5) == LONGEST
    assert tries.counted(NOW + QUIET) == Tries(1, NOW + QUIET)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"roles": ["admin"]}, "people"),
        ({"roles": ["service"]}, "own services"),
        ({"roles": []}, "one or more"),
        ({"roles": ["partner"]}, "organisation"),
        ({"organisation": "o-1"}, "organisation"),
        ({"life": timedelta(days=181)}, "180"),
        ({"life": timedelta(0)}, "180"),
        ({"scopes": ["everything"]}, "like"),
        ({"name": "A b"}, "name"),
    ],
)
def test_rights_that_no_key_has(change, why):
    wanted = {
        "name": "shop",
        "kind": "key",
        "roles": ["vendor"],
        "organisation": None,
        "scopes": None,
        "life": timedelta(days=90),
    }
    check(**wanted)
    with pytest.raises(BadKey, match=why):
        check(**{**wanted, **change})


@pytest.mark.parametrize("key", ["", "pk_", "pk_0123456_" + "a" * 43, "pk_01234567_" + "a" * 42])
def test_what_is_no_key(key):
    assert id_of(key) is None
    assert id_of(written("01234567", "-_" + "a" * 41)) == "01234567"


def test_a_provider_proves_an_address_only_when_it_says_so():
    claims = {"sub": "7", "email": "ann@example.org", "groups": ["desk", 5, "nobody"]}
    assert proven("https://idp", claims, "groups").email is None
    one = proven("https://idp", {**claims, "email_verified": True}, "groups")
    assert one.email == "ann@example.org"
    assert one.subject == "https://idp 7"
    assert mapped(one.values, {"desk": "agent", "root": "admin", "nobody": "service"}) == {"agent"}
    assert proven("https://idp", {"sub": ""}, "") is None
    assert proven("https://idp", {}, "") is None


def test_no_group_is_cut_and_a_part_of_them_is_refused():
    many = [f"g{n}" for n in range(250)]
    assert proven("https://idp", {"sub": "7", "groups": many}, "groups").values == set(many)
    with pytest.raises(GroupsIncomplete, match="groups"):
        proven("https://idp", {"sub": "7", "_claim_names": {"groups": "s"}}, "groups")
    assert proven("https://idp", {"sub": "7", "hasgroups": True}, "").values == set()


@pytest.mark.parametrize("secret", ["pa:ss+w%rd", "ünder two", "a&b=c/d?", "~*-._", "\u2713", ":"])
def test_a_secret_comes_back_the_same_by_the_book(secret):
    _, _, text = client_secret.basic("client:1", secret).partition(" ")
    client, _, given = base64.b64decode(text).decode("ascii").partition(":")
    assert (unquote_plus(client), unquote_plus(given)) == ("client:1", secret)
