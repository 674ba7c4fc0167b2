"""What an audit says: findings, exceptions and what could not be looked up."""

from datetime import date

import pytest

from tools.supply.exceptions import Accepted
from tools.supply.verdict import judge

TODAY = date(2026, 3, 1)
CLEAN = {"name": "lz4", "version": "4.4", "vulns": []}
HOLE = {
    "name": "starlette",
    "version": "0.48.0",
    "vulns": [
        {
            "id": "GHSA-7f5h-v6xp-fcq8",
            "aliases": ["CVE-2025-62727"],
            "fix_versions": ["0.49.1"],
            "description": "",
        }
    ],
}
SKIPPED = {"name": "aiokafka", "skip_reason": "Dependency not found on PyPI"}


def excuse(id_="CVE-2025-62727", package="starlette", expires=TODAY):
    return Accepted(id_, package, "no Range header reaches it", expires)


def said(*packages, accepted=()):
    return judge({"dependencies": list(packages), "fixes": []}, "", accepted, TODAY)


@pytest.mark.parametrize(
    ("packages", "accepted", "failed", "line"),
    [
        pytest.param([CLEAN], [], False, "audit: 1 packages, no known vulnerability", id="clean"),
        pytest.param(
            [CLEAN, HOLE], [], True,
            "starlette 0.48.0: CVE-2025-62727 GHSA-7f5h-v6xp-fcq8, fixed in 0.49.1: update, "
            "or add it to deploy/audit-exceptions.toml", id="a finding",
        ),
        pytest.param(
            [HOLE], [excuse()], False,
            "audit: 1 packages, no known vulnerability, 1 lived with", id="excused by alias, last day",
        ),
        pytest.param([HOLE], [excuse("GHSA-7f5h-v6xp-fcq8")], False, "1 lived with", id="excused by id"),
        pytest.param([HOLE], [excuse(expires=date(2026, 2, 28))], True, "expired on 2026-02-28", id="a day late"),
        pytest.param([HOLE], [excuse(package="fastapi")], True, "fixed in 0.49.1", id="another package's"),
        pytest.param([HOLE], [excuse("CVE-1")], True, "fixed in 0.49.1", id="another hole's"),
        pytest.param([CLEAN], [excuse(package="lz4")], True, "for nothing that is found: remove it", id="not needed"),
        pytest.param([SKIPPED], [], False, "audit: NOT DONE, 0 of 1 packages could be looked up: ", id="unknown"),
        pytest.param([SKIPPED, CLEAN], [], False, "audit: NOT COMPLETE, 1 of 2 packages could not be looked up (aiokafka)", id="half known"),
        pytest.param([SKIPPED], [excuse(package="aiokafka")], False, "NOT DONE", id="cannot say that it is not needed"),
    ],
)  # fmt: skip
def test_the_verdict(packages, accepted, failed, line):
    verdict = said(*packages, accepted=accepted)
    assert verdict.failed is failed
    assert any(line in each for each in verdict.lines), verdict.lines


def test_a_finding_beside_unknown_packages_fails_all_the_same():
    verdict = said(SKIPPED, HOLE)
    assert verdict.failed
    assert len(verdict.lines) == 2


def test_nothing_looks_clean_when_nothing_was_looked_up():
    assert not any("no known" in line for line in said(SKIPPED).lines)


@pytest.mark.parametrize(
    ("packages", "complete"),
    [([CLEAN], True), ([CLEAN, SKIPPED], False), ([SKIPPED], False), ([], False)],
    ids=["all", "some", "none", "an empty report"],
)
def test_only_what_was_looked_up_in_full_is_complete(packages, complete):
    assert said(*packages).complete is complete


def test_no_answer_is_one_line_and_passes_but_an_expired_exception_fails():
    verdict = judge(None, "no answer within 20 s", [excuse()], TODAY)
    assert verdict.lines == (
        "audit: NOT DONE, known vulnerabilities could not be had (no answer within 20 s)",
    )
    assert not verdict.failed
    assert not verdict.complete
    assert judge(None, "", [excuse(expires=date(2026, 2, 28))], TODAY).failed
