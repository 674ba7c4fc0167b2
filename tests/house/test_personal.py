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


@pytest.mark.parametrize("service", SERVICES)
def test_one_table_at_the_most_holds_personal_data_of_customers(service: str) -> None:
    assert len([each for each in of(service) if each.whose == "customers"]) <= 1
