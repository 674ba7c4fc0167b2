"""A form with a file: its parts, and what is none."""

import pytest

from services.console.domain.pages.multipart import MOST, parts

KIND = "multipart/form-data; boundary=x"
END = b"--x--\r\n"


def part(name, content, more=b""):
    return (
        b'--x\r\nContent-Disposition: form-data; name="' + name + b'"' + more
        + b"\r\n\r\n" + content + b"\r\n"
    )  # fmt: skip


def test_fields_and_a_file_longer_than_a_page_of_memory():
    rows = b"id\r\n" + b"cam,1\r\n" * 300_000
    body = part(b"csrf", b"t") + part(b"file", rows, b'; filename="a b.csv"') + END
    assert parts(body, KIND) == {"csrf": b"t", "file": rows}
    assert parts(body, 'multipart/form-data; boundary="x"')["csrf"] == b"t"
    assert parts(part(b"file", b"", b'; filename=""') + END, KIND) == {"file": b""}
    assert parts(part(b"a", b"1") + part(b"a", b"2") + END, KIND) == {"a": b"2"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(part(b"a", b"1") + END, "multipart/form-data", id="no boundary"),
        pytest.param(part(b"a", b"1") + END, "multipart/form-data; boundary=y", id="another"),
        pytest.param(part(b"a", b"1"), KIND, id="not closed"),
        pytest.param(b"", KIND, id="nothing"),
        pytest.param(b"hello", KIND, id="no form"),
        pytest.param(b"--x\r\nA: b\r\n\r\n1\r\n" + END, KIND, id="no name"),
        pytest.param(part(b"\xff", b"1") + END, KIND, id="a name that is no text"),
        pytest.param(
            b"".join(part(b"%d" % n, b"1") for n in range(MOST + 1)) + END, KIND, id="too many"
        ),
    ],
)
def test_what_is_no_such_form(body, kind):
    with pytest.raises(ValueError, match=r"."):
        parts(body, kind)
