"""Whoever changes something names what they have read; the second of two is told."""

import pytest

from shared.settings import SERVICES
from shared.web import etags
from shared.web.problems import Problem
from tests.shared.web.test_every_service import document, operations

ONE, OTHER = etags.of_text("one"), etags.of_text("other")


@pytest.mark.parametrize(
    ("if_match", "present", "passes"),
    [
        pytest.param(None, ONE, True, id="nothing named"),
        pytest.param(None, None, True, id="nothing named, nothing there"),
        pytest.param(ONE, ONE, True, id="as read"),
        pytest.param(ONE, OTHER, False, id="changed since"),
        pytest.param(ONE, None, False, id="gone since"),
        pytest.param("*", ONE, True, id="any, and there is one"),
        pytest.param("*", None, False, id="any, and there is none"),
    ],
)
def test_a_change_passes_if_the_state_is_the_one_that_was_read(if_match, present, passes):
    if passes:
        etags.check(if_match, present)
        return
    with pytest.raises(Problem) as refused:
        etags.check(if_match, present)
    assert (refused.value.status, refused.value.kind) == (412, "changed_since")


@pytest.mark.parametrize(
    ("if_match", "version"),
    [(None, None), ("*", None), ('"7"', 7), ('"abc"', -1), ('"12345678901"', -1)],
)
def test_a_version_is_read_and_what_is_none_fits_none(if_match, version):
    assert etags.version_of(if_match) == version
    assert etags.of_version(7) == '"7"'


@pytest.mark.parametrize("name", SERVICES)
async def test_every_route_that_overwrites_takes_if_match(name):
    for (verb, path), each in operations(await document(name)).items():
        if verb in {"put", "patch"}:
            headers = {p["name"].lower() for p in each["parameters"] if p["in"] == "header"}
            assert "if-match" in headers, f"{verb} {path}"
            assert "412" in each["responses"], f"{verb} {path}"
