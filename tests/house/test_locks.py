"""Advisory locks of one database: two of one number would wait for each other, and deadlock."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = re.compile(r"^\w*LOCK = (7_\d{3})\b", re.MULTILINE)


def test_every_advisory_lock_has_a_number_of_its_own() -> None:
    found = [
        (number, path.name)
        for folder in ("shared", "services", "tools", "deploy")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number in LOCK.findall(path.read_text("utf-8"))
    ]
    assert len(found) >= 5
    assert len({number for number, _ in found}) == len(found), sorted(found)
