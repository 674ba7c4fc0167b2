"""CSV is read and counted in one way; what cannot be read is refused with its line."""

import pytest

from shared.csv_table import BadCsv, BadHeader, NotUtf8, Table, decoded

COLUMNS = ("id", "name", "model")


def table(text, **more):
    return Table(text, COLUMNS, ("id",), **more)


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\v", "\f", "\x85", "\x1c", "\x1d", "\x1e"])
def test_a_line_is_counted_the_way_it_is_read(letter):
    found = table(f"id,name\na,An{letter}n\nb,Bo\n")
    assert found.total == 2
    assert [(row.line, row.values["id"]) for row in found.rows()] == [(2, "a"), (3, "b")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_blank_lines_and_blanks_around(end):
    text = end.join(["\ufeffid , name", " a,\u00a0An \t", "", "  ", " , ", "b,", ""])
    found = table(text)
    assert found.total == 2
    assert [(row.line, row.values) for row in found.rows()] == [
        (2, {"id": "a", "name": "An"}), (6, {"id": "b", "name": ""}),
    ]  # fmt: skip


def test_a_spreadsheets_capitals_name_the_same_columns():
    assert [row.values for row in table("ID, Name\na,An\n").rows()] == [{"id": "a", "name": "An"}]


def test_quotes_in_the_middle_and_within_quotes():
    found = table('id,name\na,5" screen\nb,"5"" screen, flat"\nc,"x"\n')
    assert [row.values["name"] for row in found.rows()] == ['5" screen', '5" screen, flat', "x"]


OPEN = {
    "to the end": 'id,name\na,"Bob\nb,Bo\nc,Cy\n',
    "to the next quoted": 'id,name\na,"Bob\nb,Bo\nc,"Cy"\n',
    "closed in a later line": 'id,name\na,"Bob\nb,Bo"\nc,Cy\n',
    "in the last line": 'id,name\na,"Bob',
    "text after it": 'id,name\na,"Bob" x\nb,Bo\n',
}


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_a_quote_that_is_not_closed_is_named_with_its_line(text):
    with pytest.raises(BadCsv, match="line 2: a quote"):
        table(text)


def test_a_quote_far_down_is_named_with_its_line():
    lines = [f"c-{n},Name {n}" for n in range(40_000)]
    lines[30_000] = 'c-30000,"Name'
    with pytest.raises(BadCsv, match="line 30002: a quote"):
        table("\n".join(["id,name", *lines]))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("id;name", "not semicolons"), ("id\tname", "not tabs"), ("id|name", "not bars"),
        ("", "columns id, name"), ("name", "columns id"), ("id,colour", "columns id"),
        ("id,id", "id is there twice"), ("id,ID", "id is there twice"), ("id,,name", "columns id"),
    ],
)  # fmt: skip
def test_a_header_that_names_no_columns(header, says):
    with pytest.raises(BadHeader, match=says):
        table(f"{header}\na,b\n")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("id,name\na,Bo\n".encode("utf-16"), "UTF-16"),
        ("id,name\na,Bo\n".encode("utf-16-le"), "UTF-16"),
        ("id,name\na,Bo\n".encode("utf-16-be"), "UTF-16"),
        ("id,name\na,Bö\n".encode("latin-1"), "line 2: byte 11 is not UTF-8"),
        ("id,name\n\n\na,Müller\n".encode("cp1252"), "line 4: byte 13"),
        (b"PK\x03\x04\x14\x00\x06\x00" + bytes(60), "a spreadsheet"),
        (b"\x1f\x8b\x08\x00", "a packed file"),
    ],
)
def test_what_is_no_utf8_is_named(body, says):
    with pytest.raises(NotUtf8, match=says):
        decoded(body)


def test_lines_over_the_limit_are_refused():
    assert table("id\na\nb\n", most=2).total == 2
    with pytest.raises(BadCsv, match="more than 2 lines"):
        table("id\na\nb\nc\n", most=2)
