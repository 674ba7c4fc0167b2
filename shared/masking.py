"""Personal data in free text is hidden before it can reach Kafka.

Mail addresses and telephone numbers have a shape, names and streets have none. So what people may
have written is not kept at all: of a field nobody has declared, words and numbers stay, prose does
not (docs/decisions/0009).
"""

import re

MAX_TEXT = 256  # characters of an unknown text field that are kept

_MAIL = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]{1,190}\.[^\s@<>\"'.,;:!?()]{1,24}")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:"
    r"(?:\+|00)\d(?:[ ()./-]{0,2}\d){6,14}"  # +49 170 1234567
    r"|\(?0\d{1,5}\)?[ /-](?:[ -]?\d){5,10}"  # 0170 1234567, (030) 123456
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"  # 555-123-4567
    r")(?![\w.-]*\w)"
)

_ABOUT_PEOPLE = frozenset(
    {
        "name", "names", "firstname", "lastname", "surname", "nickname", "username",
        "fullname", "owner", "user", "person", "contact", "customer", "family", "child",
        "street", "address", "addr", "city", "town", "zip", "zipcode", "postcode", "postal",
        "mail", "email", "phone", "telephone", "mobile", "birthday", "birthdate", "ssid",
        "login", "password", "account"
    }
)  # fmt: skip
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAME_LIKE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")  # Ann, O'Neill, Anna-Lena


def mask(text: str) -> str:
    """Mail addresses and phone numbers replaced.

    Versions, dates and serial numbers stay: they look alike, and diagnosis needs them.

    >>> mask("call +49 170 1234567 or ann@example.org, firmware 4.2.10-20260301")
    'call [phone] or [mail], firmware 4.2.10-20260301'
    """
    if "@" in text:
        text = _MAIL.sub("[mail]", text)
    return _PHONE.sub("[phone]", text)


def kept(text: str) -> str:
    """A text as an event may carry it: masked, then cut."""
    return mask(text)[:MAX_TEXT]


def word(text: str) -> str:
    """A text in a field nobody has declared: a code or a measure stays, anything else is named.

    >>> word("4.2.10-20260301"), word("low_battery"), word("ann@example.org")
    ('4.2.10-20260301', 'low_battery', '[mail]')
    >>> word("Ann is not at home"), word("Ann")
    ('[text]', '[text]')
    """
    masked = mask(text)
    if masked.startswith("[") and masked.endswith("]") and " " not in masked:
        return masked
    if any(letter.isspace() for letter in text.strip()):
        return "[text]"
    if text[:1].isupper() and not text.isupper() and _NAME_LIKE.fullmatch(text):
        return "[text]"
    return masked[:MAX_TEXT]


def is_about_people(field: str) -> bool:
    """Whether a field's name says that its value is about somebody.

    >>> is_about_people("owner_name"), is_about_people("wifiSSID"), is_about_people("capacity")
    (True, True, False)
    """
    return any(found.lower() in _ABOUT_PEOPLE for found in _WORDS.findall(field))
