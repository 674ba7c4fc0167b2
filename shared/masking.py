"""Personal data in free text is hidden before it can reach Kafka.

Mail addresses and telephone numbers have a shape, names and streets have none. So what people may
have written is not kept at all: of a field nobody has declared, words and numbers stay, prose does
not (docs/decisions/0009).
"""

import re
from collections.abc import Mapping

from shared.normal import normal, unseen

Scalar = str | int | float | bool | None

MAX_TEXT = 256  # characters of an unknown text field that are kept
MAX_NAME = 64  # characters of an unknown field's name
_LOOKED_AT = 1_024  # characters that are searched: an address that begins within MAX_TEXT ends here

_TOKEN = re.compile(r"[^\s<>\"',;:()]+")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:"
    r"\+\d(?:[ ()./-]{0,2}\d){6,14}"  # +49 170 1234567
    r"|00[1-9](?:[ ()./-]{0,2}\d){8,14}"  # 0049 170 1234567; no country begins with 0
    r"|\(?0[1-9]\d{0,4}\)?[ /-](?:[ -]?\d){5,10}"  # 0170 1234567, (030) 123456
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"  # 555-123-4567
    r")(?![\w.-]*\w)"
)
_ARTICLE_DIGITS = frozenset({8, 12, 13, 14})  # of GTINs

_ABOUT_PEOPLE = frozenset(
    {
        "name", "names", "firstname", "lastname", "surname", "nickname", "username",
        "fullname", "owner", "user", "person", "contact", "customer", "family", "child",
        "street", "address", "addr", "city", "town", "zip", "zipcode", "postcode", "postal",
        "mail", "email", "phone", "telephone", "mobile", "birthday", "birthdate", "ssid",
        "login", "password", "account"
    }
)  # fmt: skip
_STATES = frozenset(
    {"on", "off", "yes", "no", "true", "false", "open", "closed", "present", "absent", "none"}
)
_SMALL = 1_000  # a smaller number is no telephone number and hardly a postcode
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAME_LIKE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")  # Ann, O'Neill, Anna-Lena


def mask(text: str) -> str:
    """Mail addresses and phone numbers replaced.

    Versions, dates, serial and article numbers stay: they look alike, and diagnosis needs them.

    >>> mask("call +49 170 1234567 or ann@example.org, firmware 4.2.10-20260301")
    'call [phone] or [mail], firmware 4.2.10-20260301'
    """
    if "@" in text:
        text = _TOKEN.sub(_mail, text)
    return _PHONE.sub(_phone, text)


def _mail(token: re.Match[str]) -> str:
    """A token that is an address, replaced; what ends a sentence stays behind it."""
    text = token[0]
    local, _, domain = text.partition("@")
    bare = domain.rstrip(".!?")
    if local and "." in bare.lstrip("."):
        return "[mail]" + domain[len(bare) :]
    return text


def _phone(match: re.Match[str]) -> str:
    digits = match[0]
    return digits if digits.isdigit() and _is_article(digits) else "[phone]"


def _is_article(digits: str) -> bool:
    """Whether the last digit is the check digit of a GTIN.

    Source: GS1 General Specifications, section 7.9: weights 3 and 1 from the right.
    """
    if len(digits) not in _ARTICLE_DIGITS:
        return False
    weighted = (int(d) * (3 if n % 2 else 1) for n, d in enumerate(reversed(digits)))
    return sum(weighted) % 10 == 0


def kept(text: str) -> str:
    """A text as an event may carry it: in its normal form, masked, then cut."""
    return mask(normal(text[:_LOOKED_AT]))[:MAX_TEXT]


def word(text: str) -> str:
    """A text in a field nobody has declared: a code or a measure stays, anything else is named.

    >>> word("4.2.10-20260301"), word("low_battery"), word("ann@example.org")
    ('4.2.10-20260301', 'low_battery', '[mail]')
    >>> word("Ann is not at home"), word("Ann")
    ('[text]', '[text]')
    """
    text = normal(text[:_LOOKED_AT])
    masked = mask(text)
    if masked.startswith("[") and masked.endswith("]") and " " not in masked:
        return masked
    if " " in text or unseen(text) is not None:
        return "[text]"
    if text[:1].isupper() and not text.isupper() and _NAME_LIKE.fullmatch(text):
        return "[text]"
    return masked[:MAX_TEXT]


def undeclared(fields: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Fields nobody has declared as they may travel, by name: distinct ones stay distinct.

    >>> undeclared({"POWER1": "ON", "Uptime": 5, "owner": "ann", "Ann B": 1, "Ann C": 2})
    {'[text]': 1, '[text] 2': 2, 'POWER1': 'ON', 'Uptime': 5, 'owner': '[personal]'}
    """
    masked: dict[str, Scalar] = {}
    for name in sorted(fields):
        shown = plain = _field_name(name)
        n = 1
        while shown in masked:
            n += 1
            shown = f"{plain[: MAX_NAME - 4]} {n}"
        masked[shown] = _value(name, fields[name])
    return masked


def _field_name(name: str) -> str:
    """A name of a field is no text of a person, unless it has blanks or is an address."""
    text = normal(name[:_LOOKED_AT])
    masked = mask(text)
    if " " in text or unseen(text) is not None:
        return masked if masked in {"[mail]", "[phone]"} else "[text]"
    return masked[:MAX_NAME]


def _value(name: str, value: Scalar) -> Scalar:
    if value is not None and is_about_people(name[:_LOOKED_AT]) and not _is_state(value):
        return "[personal]"
    return word(value) if isinstance(value, str) else value


def _is_state(value: Scalar) -> bool:
    """Whether it is true or false, a count or a share: no person can be told from it."""
    if isinstance(value, str):
        return value.lower() in _STATES
    if isinstance(value, float):
        return abs(value) <= 1 or (abs(value) < _SMALL and value == round(value, 1))
    return value is None or abs(value) < _SMALL


def is_about_people(field: str) -> bool:
    """Whether a field's name says that its value is about somebody.

    >>> is_about_people("owner_name"), is_about_people("wifiSSID"), is_about_people("capacity")
    (True, True, False)
    """
    return any(part.lower() in _ABOUT_PEOPLE for part in _WORDS.findall(field))
