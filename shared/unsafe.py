"""Values that no setting may have, whoever reads it: each is refused with its reason, never shown."""

import ipaddress
import re
from urllib.parse import unquote, urlsplit

# what examples, templates and first drafts say where a secret belongs; letters and digits count
PLACEHOLDERS = frozenset(
    {
        *("admin", "changeit", "changeme", "default", "dummy", "example", "fixme", "guest"),
        *("insert", "insertsecret", "letmein", "none", "null", "pass", "passwd", "password"),
        *("placeholder", "postgres", "replaceme", "root", "secret", "secretkey", "test", "todo"),
        *("token", "undefined", "yourpassword", "yoursecret", "12345", "123456", "12345678"),
    }
)
TEMPLATE = re.compile(r"<.*>|\$\{.*\}|\{\{.*\}\}|\$[A-Z_]+|%\(?\w+\)?[s%]?|(.)\1{2,}", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
SPAN = re.compile(r"[+-]?P", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_placeholder(secret: str) -> bool:
    """Whether this stands where a secret should: `changeme`, `<password>`, `${SECRET}`, `xxxx`.

    >>> [is_placeholder(each) for each in ("Change-Me!", "<token>", "", "9f1c2ab37d405e68")]
    [True, True, True, False]
    """
    text = secret.strip()
    plain = re.sub(r"[\W_]", "", text).lower()
    return not plain or plain in PLACEHOLDERS or TEMPLATE.fullmatch(text) is not None


def refuse_control(text: str) -> None:
    """Raises ValueError: a line break or another control character, which could end a header."""
    if CONTROL.search(text):
        raise ValueError("it must not contain line breaks or control characters")


def refuse_bare_span(text: str) -> None:
    """Raises ValueError: `30` says neither seconds nor minutes."""
    if not SPAN.match(text.strip()):
        raise ValueError("it needs a unit: PT30S, PT30M, PT30H or P30D")


def refuse_placeholder(secret: str) -> None:
    """Raises ValueError: the secret, or the password in the URL, is none that anybody drew.

    >>> refuse_placeholder("postgresql://ingest:ingest@127.0.0.1/ingest")
    Traceback (most recent call last):
    ValueError: the password is the user's name
    """
    if "://" not in secret:
        if is_placeholder(secret):
            raise ValueError("it is a placeholder, no secret")
        return
    parts = urlsplit(secret)
    if parts.password is None:
        return
    password = unquote(parts.password)
    if is_placeholder(password):
        raise ValueError("the password is a placeholder")
    if password == unquote(parts.username or ""):
        raise ValueError("the password is the user's name")
