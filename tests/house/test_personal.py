"""Each service names where it keeps personal data, and the tables it names are there."""

import importlib
import re
from pathlib import Path

import pytest

from shared.personal import AUDIT
from shared.settings import SERVICES
from tools.reference.personal import of


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_declares_is_in_its_tables(service: str) -> None:
    tables = importlib.import_module(f"services.{service}.store.tables").metadata.tables
    for each in (*of(service), AUDIT):
        assert set(each.columns) <= set(tables[each.table].columns.keys()), each.table


STORES = Path(__file__).resolve().parents[2] / "services"
ERASES = ({"erasing", "erasures"}, r"(DELETE FROM |UPDATE |\"){}\b")
GIVES_OUT = ({"part", "export", "holdings"}, r"(FROM |^ +){}\b")
"""What the files are called, in any folder of a store, and how a table stands in them."""


@pytest.mark.parametrize(("files", "named"), [ERASES, GIVES_OUT], ids=["erased", "given out"])
@pytest.mark.parametrize("service", SERVICES)
def test_what_is_declared_of_customers_is_named_where_it_is(
    service: str, files: set[str], named: str
) -> None:
    """A declared table that an erasure or an export forgets stops the next landing, not a person."""
    said = "".join(
        path.read_text("utf-8")
        for path in sorted((STORES / service / "store").rglob("*.py"))
        if path.stem in files
    )
    for each in of(service):
        if each.whose == "customers":
            assert re.search(named.format(each.table), said, re.MULTILINE), each.table
