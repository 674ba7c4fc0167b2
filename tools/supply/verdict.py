"""What pip-audit's report and our exceptions say together: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tools.supply.exceptions import Accepted


@dataclass(frozen=True)
class Verdict:
    """What is printed.

    Attributes:
        failed: something has to be done.
        complete: every package was looked up; else nothing is said about the others.
    """

    lines: tuple[str, ...]
    failed: bool
    complete: bool = True


def judge(
    report: dict[str, Any] | None, why: str, accepted: Sequence[Accepted], today: date
) -> Verdict:
    """Judge a report.

    Args:
        report: pip-audit's JSON; None when it could not be had, for the reason in `why`.
        accepted: the exceptions.
        today: an exception is good up to and including its day.
    """
    wrong = [
        f"{exception.package}: the exception for {exception.id} expired on {exception.expires}: update, or say anew why"
        for exception in accepted
        if exception.has_expired(today)
    ]
    if report is None:
        said = f"audit: NOT DONE, known vulnerabilities could not be had ({why})"
        return Verdict((said, *wrong), failed=bool(wrong), complete=False)
    asked = report["dependencies"]
    audited = {package["name"].lower() for package in asked if "skip_reason" not in package}
    lines = []
    skipped = sorted(package["name"] for package in asked if "skip_reason" in package)
    if skipped:
        lines.append(_not_all(skipped, len(asked)))
    lived_with, findings = _findings(asked, [a for a in accepted if not a.has_expired(today)])
    gone = [
        f"{exception.package}: the exception for {exception.id} is for nothing that is found: remove it"
        for exception in accepted
        if exception not in lived_with and exception.package.lower() in audited
        if not exception.has_expired(today)
    ]
    wrong += [*findings, *gone]
    if audited and not wrong:
        known = f", {len(lived_with)} lived with" if lived_with else ""
        lines.append(f"audit: {len(audited)} packages, no known vulnerability{known}")
    return Verdict((*lines, *wrong), failed=bool(wrong), complete=not skipped and bool(asked))


def _not_all(skipped: Sequence[str], asked: int) -> str:
    if len(skipped) == asked:
        return (
            f"audit: NOT DONE, 0 of {asked} packages could be looked up: "
            "whether they have known vulnerabilities is not known"
        )
    named = ", ".join(skipped[:3]) + (", ..." if len(skipped) > 3 else "")
    return (
        f"audit: NOT COMPLETE, {len(skipped)} of {asked} packages could not be looked up ({named})"
    )


def _findings(
    asked: Sequence[dict[str, Any]], accepted: Sequence[Accepted]
) -> tuple[list[Accepted], list[str]]:
    """The exceptions that were needed, and a line for each finding without one."""
    needed: list[Accepted] = []
    lines = []
    for package in asked:
        for hole in package.get("vulns", []):
            names = {hole["id"], *hole.get("aliases", [])}
            excused = [
                a
                for a in accepted
                if a.package.lower() == package["name"].lower() and a.id in names
            ]
            needed += excused
            if not excused:
                fixed = ", ".join(hole.get("fix_versions", [])) or "no version yet"
                lines.append(
                    f"{package['name']} {package['version']}: {' '.join(sorted(names))}, "
                    f"fixed in {fixed}: update, or add it to deploy/audit-exceptions.toml"
                )
    return needed, lines
