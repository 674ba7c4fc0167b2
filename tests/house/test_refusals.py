"""What a service refuses has an HTTP status: without one it would be an error of ours."""

import importlib
import inspect

import pytest

from shared.errors import Refusal
from shared.settings import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_refusal_has_a_status(service):
    try:
        errors = importlib.import_module(f"services.{service}.errors")
    except ModuleNotFoundError:
        return  # it refuses nothing of its own
    wiring = importlib.import_module(f"services.{service}.wiring")
    own = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Refusal) and kind.__module__ == errors.__name__
    }
    assert own - {base for kind in own for base in kind.__mro__[1:]} <= set(wiring.STATUS)
