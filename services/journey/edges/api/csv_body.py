"""A CSV as the body of a request."""

from collections.abc import Callable

from shared.csv_table import BadCsv, BadHeader, NotUtf8, Table, decoded
from shared.web.problems import Problem

CSV = {"content": {"text/csv": {"schema": {"type": "string"}}}, "required": True}


def read_table(body: bytes, table: Callable[[str], Table]) -> Table:
    """The table of a CSV. Raises: Problem: it is none."""
    try:
        return table(decoded(body))
    except NotUtf8 as error:
        raise Problem(400, "not_utf8", "The file is not UTF-8 text", str(error)) from error
    except BadHeader as error:
        raise Problem(422, "bad_header", "The columns are not named", str(error)) from error
    except BadCsv as error:
        raise Problem(422, "bad_csv", "This CSV cannot be read", str(error)) from error
