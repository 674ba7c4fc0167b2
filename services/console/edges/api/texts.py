"""Texts that people type or paste here, and the one form each of them has behind the door."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.console.domain.accounts import address, passwords
from shared import normal, pasted

SECRET = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
CODE = re.compile(r"[a-z0-9]{6,40}", re.ASCII)
AROUND = 100  # characters that pasting may add


def _trimmed(value: object) -> object:
    return pasted.trimmed(value) if isinstance(value, str) else value


def _code(text: str) -> str:
    plain = pasted.code(text)
    if not CODE.fullmatch(plain):
        raise ValueError("six digits of the telephone, or a recovery code")
    return plain


def _secret(text: str) -> str:
    plain = pasted.secret(text).rpartition("#")[2]  # people paste the whole link
    if not SECRET.fullmatch(plain):
        raise ValueError("what stands behind # in the link")
    return plain


def _password(text: str) -> str:
    if len(passwords.prepared(text)) > passwords.LONGEST:
        raise ValueError(f"{passwords.LONGEST} characters at the most")
    return text


def seen(text: str) -> str:
    """Text for people's eyes. Raises: ValueError: it holds what nobody sees."""
    mark = normal.unseen(text, joiners=True)
    if mark is not None:
        raise ValueError(f"text without {mark}")
    if not pasted.trimmed(text):
        raise ValueError("text that can be seen")
    return normal.normal(text)


Email = Annotated[
    str,
    BeforeValidator(_trimmed),
    StringConstraints(max_length=address.LONGEST),
    AfterValidator(address.email),
    Field(json_schema_extra={"format": "email"}),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(seen),
]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(_secret)]
Code = Annotated[
    str, StringConstraints(min_length=6, max_length=40 + AROUND), AfterValidator(_code)
]
Password = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4 * passwords.LONGEST),  # decomposed letters
    AfterValidator(_password),
]
Organisation = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
]
