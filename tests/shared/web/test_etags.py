"""Whoever changes something names what they have read; the second of two is told."""

import pytest
from fastapi import APIRouter

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
        pytest.param(f"W/{ONE}", ONE, True, id="weak, made so by a proxy"),
        pytest.param(f"W/{OTHER}", ONE, False, id="weak, of another state"),
        pytest.param(f"{OTHER}, {ONE}", ONE, True, id="one of a list"),
        pytest.param(f"{OTHER} , W/{OTHER}", ONE, False, id="none of a list"),
        pytest.param(ONE[:-1] + '-gzip"', ONE, True, id="with a coding"),
        pytest.param("W/" + ONE[:-1] + ';br"', ONE, True, id="weak, with another coding"),
        pytest.param('"-gzip"', ONE, False, id="a coding of nothing"),
        pytest.param("", ONE, False, id="an empty list"),
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
    ("if_match", "versions"),
    [
        (None, None),
        ("*", None),
        ('"7"', {7}),
        ('W/"7"', {7}),
        ('"7-gzip", W/"8"', {7, 8}),
        ('"abc"', set()),
        ('"12345678901"', set()),
        ('"07", "+7", "-7", "7.0"', set()),
        ("", set()),
    ],
)
def test_a_version_is_read_and_what_is_none_fits_none(if_match, versions):
    assert etags.versions_of(if_match) == versions
    assert etags.of_version(7) == '"7"'


WELL_FORMED = {
    "any": "*",
    "weak": 'W/"7"',
    "empty": "",
    "a list": '"a", W/"b" ,"c,d"',
    "commas alone": " , ,",
    "signs": '"!#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~"',
    "no text": '""',
    "letters beyond ascii": '"\xe9"',
    "long": '"' + "x" * 8_000 + '"',
    "a long list": ", ".join(['"x"'] * 2_000),
}
BROKEN = {
    "no quotes": "7",
    "half a quote": '"7',
    "small w": 'w/"7"',
    "any and more": '*, "7"',
    "side by side": '"7""8"',
    "a blank within": '"7 8"',
    "a long one": '"' + "x" * 8_000,
}


@pytest.mark.parametrize(
    ("if_match", "status"),
    [*((one, 412) for one in WELL_FORMED.values()), *((one, 422) for one in BROKEN.values())],
    ids=[*WELL_FORMED, *BROKEN],
)
async def test_what_is_well_formed_is_compared(serve, if_match, status):
    made = APIRouter()

    @made.put("/v1/thing")
    async def put(if_match: etags.IfMatch = None) -> None:
        etags.check(if_match, None)

    answer = await serve("x", [made]).put(
        "/v1/thing", headers=[("if-match", if_match.encode("latin-1"))]
    )
    assert answer.status_code == status


async def test_a_list_may_stand_in_several_lines(serve):
    made = APIRouter()

    @made.put("/v1/thing")
    async def put(if_match: etags.IfMatch = None) -> None:
        etags.check(if_match, ONE)

    lines = [("if-match", OTHER), ("if-match", ONE)]
    assert (await serve("x", [made]).put("/v1/thing", headers=lines)).status_code == 200


@pytest.mark.parametrize("name", SERVICES)
async def test_every_route_that_overwrites_takes_if_match(name):
    for (verb, path), each in operations(await document(name)).items():
        if verb in {"put", "patch"}:
            headers = {p["name"].lower() for p in each["parameters"] if p["in"] == "header"}
            assert "if-match" in headers, f"{verb} {path}"
            assert "412" in each["responses"], f"{verb} {path}"
