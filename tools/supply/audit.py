"""`python -m tools.supply.audit`: does requirements.lock name anything with a known vulnerability?

pip-audit asks the package index that pip is configured for; where it cannot, that is said, and the
exit code is 2: not done. With `--kept`, as `make check` asks, today's answer for this lock is taken
again instead of asked for anew, and what could not be looked up does not stop it: exit code 0.
"""

import hashlib
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from shared.clock import wall_now
from tools.setup.python import ROOT, VENV
from tools.supply import exceptions
from tools.supply.verdict import Verdict, judge

LOCK = ROOT / "requirements.lock"
KEPT = VENV / "audit.json"
LONGEST_S = 20.0  # of `make check`; a network that swallows everything would cost minutes
ASK_S = "5"
DONE, FAILED, NOT_DONE = 0, 1, 2  # exit codes

Answer = tuple[dict[str, Any] | None, str]


def ask(lock: Path = LOCK, longest_s: float = LONGEST_S) -> Answer:
    """Run pip-audit; its report, or None and why there is none."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner", "off", "--timeout", ASK_S, "--desc", "off"]
    try:
        done = subprocess.run(
            [*command, "--format", "json", "-r", str(lock)],
            capture_output=True,
            text=True,
            check=False,
            timeout=longest_s,
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {longest_s:.0f} s"
    try:
        return json.loads(done.stdout), ""
    except json.JSONDecodeError:
        last = done.stderr.strip().splitlines()[-1:] or ["no output"]
        return None, last[0][:160]


def ask_once_a_day(today: date, lock: Path = LOCK, kept: Path = KEPT) -> Answer:
    """Today's answer for this very lock, asked for when it is not kept yet."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    asked = {"lock": digest, "day": today.isoformat()}
    try:
        known = json.loads(kept.read_text("utf-8"))
        if known["asked"] == asked:
            return known["report"], known["why"]
    except (OSError, ValueError, KeyError):
        pass
    report, why = ask(lock)
    kept.write_text(json.dumps({"asked": asked, "report": report, "why": why}), "utf-8")
    return report, why


def audit(today: date, *, from_kept: bool) -> Verdict:
    """Ask and judge. Raises BadExceptions."""
    accepted = exceptions.read(today)
    report, why = ask_once_a_day(today) if from_kept else ask()
    return judge(report, why, accepted, today)


def main() -> int:
    """Print the verdict; 1 when something has to be done, 2 when not everything was looked up."""
    from_kept = "--kept" in sys.argv[1:]
    try:
        verdict = audit(wall_now().date(), from_kept=from_kept)
    except exceptions.BadExceptions as error:
        print(error)
        return 1
    print("\n".join(verdict.lines))
    if verdict.failed:
        return FAILED
    return DONE if verdict.complete or from_kept else NOT_DONE


if __name__ == "__main__":
    sys.exit(main())
