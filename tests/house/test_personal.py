"""Each service names where it keeps personal data, and the tables it names are there."""

import importlib

import pytest

from shared.db.held import erasure
from shared.personal import AUDIT, Held
from shared.settings import SERVICES
from tools.reference.personal import of

OF_CUSTOMERS = [service for service in SERVICES if service != "console"]


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_declares_is_in_its_tables(service: str) -> None:
    tables = importlib.import_module(f"services.{service}.store.tables").metadata.tables
    for each in (*of(service), AUDIT):
        assert set(each.columns) <= set(tables[each.table].columns.keys()), each.table


WHOSE = {"customer", "ticket"}
"""Columns by which a row is a customer's; `ticket`: of support's tickets."""
NOBODYS = {
    # (service, table): why an erasure and an export leave it out
    ("support", "fault_key"): "the device's: which of its faults are one",
    ("support", "ticket_fault"): "the device's fault; given out within the ticket",
}


def theirs(service: str) -> set[str]:
    """The tables of a service that know customers."""
    tables = importlib.import_module(f"services.{service}.store.tables").metadata.tables
    return {
        table.name
        for table in tables.values()
        if table.name in {"customer", "known_customer"} or WHOSE & set(table.columns.keys())
    } - {table for of_service, table in NOBODYS if of_service == service}


def held(service: str) -> tuple[Held, ...]:
    lines: tuple[Held, ...] = importlib.import_module(f"services.{service}.store.personal").HELD
    return lines


@pytest.mark.parametrize("service", OF_CUSTOMERS)
def test_whatever_knows_customers_is_declared(service: str) -> None:
    """A table that an erasure or an export forgets stops the next landing, not a person."""
    assert theirs(service) - {each.table for each in held(service)} == set()


@pytest.mark.parametrize("service", OF_CUSTOMERS)
def test_what_is_declared_can_be_asked_for(service: str) -> None:
    tables = importlib.import_module(f"services.{service}.store.tables").metadata.tables
    names = [each.name for each in held(service) if each.name]
    assert len(names) == len(set(names))
    for each in held(service):
        assert each.table in tables
        assert each.personal is None or each.personal.table == each.table
        if each.personal is not None:
            assert erasure(each) is not None, f"{each.table}: personal data that nothing erases"
