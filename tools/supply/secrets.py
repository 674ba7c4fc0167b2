"""What looks like a secret, in our own text and in an image: pure. What is found is never shown."""

import math
import re
from collections import Counter
from collections.abc import Iterator

from shared.unsafe import refuse_placeholder

PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]|\"d\": ?\"[\w-]{20,}\""
)
KNOWN_FORMS = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|xox[abp]-[\w-]{10,})|\beyJ[\w-]{8,}\.eyJ[\w-]+"
)
HEX = re.compile(r"\b[0-9a-f]{32,}\b")
TOKEN = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
ENTROPY_BITS = (
    4.3  # per character; random base64 of 32 characters has about 4.7, words have 4 or less
)
ASSIGNED = re.compile(
    r"(?:password|passwd|secret|api_?key|token)[\w-]*[\"']?\s*[:=]\s*[\"']([^\"'\s{}$<>]{6,})[\"']",
    re.IGNORECASE,
)  # fmt: skip
IN_URL = re.compile(r"\w+://[^/\s:@\"'{}]+:[^@/\s\"'{}$<>]{6,}@")
SECRET_FILE = re.compile(
    r"(^|/)(\.env|\.netrc|\.pgpass|\.pypirc|\.git-credentials|id_(rsa|ecdsa|ed25519)|secrets/.*)$"
    r"|\.(key|jwk|p12|pfx|jks|keystore)$"
)
ENVIRONMENT = re.compile(r"PASSWORD|SECRET|TOKEN|API_?KEY", re.IGNORECASE)
# others' documentation has sample tokens, others' libraries try themselves with sample keys
DOCUMENTATION = re.compile(r"\.dist-info/METADATA$")
LIBRARY = b"\x7fELF"
# a URL with a password counts where something is set up: sample URLs are everywhere else
SET_UP = re.compile(r"^(etc|root|home)/|\.(conf|cfg|ini|toml|ya?ml|json|sh|txt)$")


def entropy(text: str) -> float:
    """Bits per character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def is_drawn(url: str) -> bool:
    """Whether the password in a URL is more than a placeholder."""
    try:
        refuse_placeholder(url)
    except ValueError:
        return False
    return True


def found_in(text: str, *, tests: bool) -> Iterator[str]:
    """What looks like a secret in text of ours; in `tests`, a password is none: it opens nothing."""
    for pattern in (PRIVATE_KEY, KNOWN_FORMS, HEX):
        yield from (match.group() for match in pattern.finditer(text))
    for match in TOKEN.finditer(text):
        word = match.group()
        mixed = all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
        if mixed and entropy(word) >= ENTROPY_BITS:
            yield word
    if not tests:
        yield from (match.group(1) for match in ASSIGNED.finditer(text))
        yield from (url for url in IN_URL.findall(text) if is_drawn(url))


def why_secret(path: str, content: bytes) -> str:
    """Why a file of an image looks like a secret; empty when it does not.

    Digests and random-looking words are none here: an image is full of other people's.
    """
    if SECRET_FILE.search(path):
        return "a file that secrets are kept in"
    if content.startswith(LIBRARY) or DOCUMENTATION.search(path):
        return ""
    text = content.decode("latin-1")
    if ("PRIVATE KEY-----" in text or '"d"' in text) and PRIVATE_KEY.search(text):
        return "it holds a private key"
    if KNOWN_FORMS.search(text):
        return "it holds a token"
    if SET_UP.search(path) and any(is_drawn(url) for url in IN_URL.findall(text)):
        return "it holds a URL with a password"
    return ""


def why_secret_variable(variable: str) -> str:
    """Why `NAME=value` in an image's environment looks like a secret; empty when it does not.

    >>> why_secret_variable("DB_PASSWORD_FILE=/run/secrets/db"), why_secret_variable("PATH=/bin")
    ('', '')
    """
    name, _, value = variable.partition("=")
    if value and ENVIRONMENT.search(name) and not name.endswith("_FILE"):
        return "its name says that it is a secret"
    return why_secret("", variable.encode("latin-1", "replace")) or (
        "it holds a URL with a password" if any(map(is_drawn, IN_URL.findall(value))) else ""
    )
