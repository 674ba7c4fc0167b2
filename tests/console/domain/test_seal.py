"""A sealed text opens with its key, for its account and purpose, whole; else with one named error."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.sealed.seal import NONCE_BYTES, Seal, key_of, read_keys
from services.console.errors import SealBroken

KEYS = st.binary(min_size=32, max_size=32)
NONCES = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES)
PLAIN = st.text(st.characters(codec="utf-8"), max_size=60)
ONE, OTHER = bytes(range(32)), bytes(range(32, 64))
NONCE = bytes(NONCE_BYTES)


def refused(seal: Seal, text: str, purpose="second factor", account="a") -> None:
    with pytest.raises(SealBroken) as error:
        seal.open(text, purpose, account)
    assert str(error.value) == "a sealed text cannot be opened"


@given(KEYS, NONCES, PLAIN, st.uuids())
def test_it_opens_again_and_shows_nothing(key, nonce, plain, account):
    seal = Seal([key])
    text = seal.close(plain, "mail", str(account), nonce)
    assert seal.open(text, "mail", str(account)) == plain
    assert key_of(text) == seal.present
    assert len(plain) < 8 or plain not in text


@given(KEYS, KEYS, NONCES, PLAIN)
def test_another_key_does_not_open_it(key, other, nonce, plain):
    text = Seal([key]).close(plain, "mail", "a", nonce)
    if key != other:
        refused(Seal([other]), text, "mail")


@given(PLAIN, st.uuids(), st.uuids())
def test_it_cannot_be_moved_to_another_account_or_purpose(plain, account, other):
    seal = Seal([ONE])
    text = seal.close(plain, "second factor", str(account), NONCE)
    refused(seal, text, "mail", str(account))
    if account != other:
        refused(seal, text, "second factor", str(other))


@given(PLAIN, st.data())
def test_a_flipped_bit_anywhere_is_seen(plain, data):
    seal = Seal([ONE])
    text = seal.close(plain, "second factor", "a", NONCE)
    head, _, rest = text.rpartition(".")
    whole = bytearray(base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4)))
    place = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[place // 8] ^= 1 << place % 8
    refused(seal, f"{head}.{base64.urlsafe_b64encode(whole).decode().rstrip('=')}")


@pytest.mark.slow
@given(PLAIN, st.data())
def test_a_changed_character_anywhere_is_seen(plain, data):
    seal = Seal([ONE])
    text = seal.close(plain, "second factor", "a", NONCE)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[place]))
    refused(seal, text[:place] + other + text[place + 1 :])


@given(PLAIN, st.data())
def test_a_cut_text_is_seen(plain, data):
    seal = Seal([ONE])
    text = seal.close(plain, "second factor", "a", NONCE)
    refused(seal, text[: data.draw(st.integers(0, len(text) - 1))])


@given(st.text())
def test_whatever_else_is_there_is_refused(text):
    refused(Seal([ONE]), text)


@given(PLAIN)
def test_the_first_key_seals_and_both_open(plain):
    old, both, new = Seal([ONE]), Seal([OTHER, ONE]), Seal([OTHER])
    before = old.close(plain, "mail", "a", NONCE)
    after = both.close(plain, "mail", "a", NONCE)
    assert both.open(before, "mail", "a") == both.open(after, "mail", "a") == plain
    assert new.open(after, "mail", "a") == plain
    refused(new, before, "mail")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("9f1c2ab3" * 7, id="too short"),
        pytest.param("9f1c2ab3" * 9, id="too long"),
        pytest.param("z" * 64, id="no digits"),
        pytest.param(",".join(("9f1c2ab3" * 8, "0d4e77aa" * 8, "11223344" * 8)), id="three"),
        pytest.param(",".join(("9f1c2ab3" * 8, "9F1C2AB3" * 8)), id="twice the same"),
        pytest.param("9f1c2ab3" * 8 + ",", id="an empty one"),
    ],
)
def test_what_is_no_key(text):
    with pytest.raises(ValueError, match=r"hexadecimal|same") as error:
        read_keys(text)
    assert not text or text not in str(error.value)
