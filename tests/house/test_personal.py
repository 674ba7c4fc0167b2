"""Each service names where it keeps personal data, and the tables it names are there."""

import importlib

import pytest

from shared.personal import AUDIT
from shared.settings import SERVICES
from tools.reference.personal import of


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_declares_is_in_its_tables(service: str) -> None:
    tables = importlib.import_module(f"services.{service}.store.tables").metadata.tables
    for each in (*of(service), AUDIT):
        assert set(each.columns) <= set(tables[each.table].columns.keys()), each.table
