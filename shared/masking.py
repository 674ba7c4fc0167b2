"""Personal data in free text is hidden before it can reach Kafka."""

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
