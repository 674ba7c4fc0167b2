"""Catalogues are whole: a file without its line would be a fact nobody can see."""

import importlib
import pkgutil

from services.journey.domain import facts
from services.journey.domain.customers.fold import FOLDS
from services.journey.domain.facts import FACTS
from services.journey.domain.facts.fact import Fact
from shared.events.topics import consumed_by


def test_every_fact_file_is_in_the_catalogue_under_its_name():
    found = {}
    for module in pkgutil.iter_modules(facts.__path__):
        made = getattr(importlib.import_module(f"{facts.__name__}.{module.name}"), "FACT", None)
        if isinstance(made, Fact):
            found[module.name] = made
    assert {name: fact.name for name, fact in found.items()} == {name: name for name in found}
    assert set(found.values()) == set(FACTS)
    assert all(fact.says.strip() for fact in FACTS)


def test_every_event_folded_comes_on_a_topic_that_is_read():
    assert {event.TOPIC for event in FOLDS} == {topic.name for topic in consumed_by("journey")}
