"""What a body says it is: its media type, whatever letters it is written in, and its charset."""

from typing import Final

from starlette.datastructures import Headers

LONGEST: Final = 256  # characters of a Content-Type; parsers of parameters are slow


def media_type(headers: Headers) -> tuple[str, str]:
    """Type and charset in small letters; empty where nothing is said, `?` where too much is.

    >>> media_type(Headers({"content-type": 'Text/CSV; Charset="UTF-8"'}))
    ('text/csv', 'utf-8')
    """
    said = headers.get("content-type", "")
    if len(said) > LONGEST:
        return "?", "?"
    first, *parameters = said.lower().split(";")
    charset = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            charset = value.strip().strip('"')
    return first.strip(), charset
