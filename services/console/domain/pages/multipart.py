r"""The parts of a form with a file in it (RFC 7578).

>>> head = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nt\r\n'
>>> file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nid\r\n1\r\n'
>>> parts(head + file + b"--x--\r\n", "multipart/form-data; boundary=x")
{'csrf': b't', 'file': b'id\r\n1'}
"""

from collections.abc import Mapping

from python_multipart import FormParser
from python_multipart.multipart import Field, File, parse_options_header

MOST = 20  # parts; a form of ours has three


def parts(body: bytes, content_type: str) -> Mapping[str, bytes]:
    """What each part holds, by its name; of one that comes twice the last counts.

    Raises: ValueError: it is no such form.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise ValueError("no boundary")
    held: dict[str, bytes] = {}
    ends: list[bool] = []

    def keep(name: bytes | None, content: bytes) -> None:
        if not name or len(held) == MOST:
            raise ValueError("a part without a name, or too many")
        held[name.decode("utf-8")] = content

    def field(part: Field) -> None:
        keep(part.field_name, part.value or b"")

    def file(part: File) -> None:
        part.file_object.seek(0)
        keep(part.field_name, part.file_object.read())

    parser = FormParser(
        "multipart/form-data",
        field,
        file,
        lambda: ends.append(True),
        boundary=boundary,
        config={"MAX_MEMORY_FILE_SIZE": len(body) + 1},  # it is in memory: nothing to the disk
    )
    parser.write(body)  # its errors are ValueErrors
    parser.finalize()
    if not ends:
        raise ValueError("not closed")
    return held
