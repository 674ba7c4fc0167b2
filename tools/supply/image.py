"""`python -m tools.supply.image [IMAGE.tar]`: is in our image what must not be there?

Takes a tar of `docker save` or `podman save`, or with `--config` the tar of an exported container.
Without one it asks Docker or Podman for `playcaller:latest`.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.supply.image_scan import Finding, judge
from tools.supply.image_tar import Image, NoImage, read

NAME = "playcaller:latest"
SHOWN = 10  # of each kind; the rest is counted
SAVE_S = 300


def save(name: str, into: Path) -> Path:
    """Have Docker or Podman write an image into a file. Raises NoImage."""
    engine = shutil.which("docker") or shutil.which("podman")
    if engine is None:
        raise NoImage("neither docker nor podman is here: name a tar of `docker save`")
    # Podman's own default too, but one can set another
    form = ["--format", "docker-archive"] if Path(engine).name == "podman" else []
    tar = into / "image.tar"
    done = subprocess.run(
        [engine, "save", *form, "-o", str(tar), name],
        capture_output=True, text=True, check=False, timeout=SAVE_S,
    )  # fmt: skip
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no output"]
        raise NoImage(f"{name} could not be saved ({last[0][:160]}): build it first, "
                      "docker build -f deploy/Dockerfile -t playcaller .")  # fmt: skip
    return tar


def lines(image: Image, findings: Sequence[Finding]) -> list[str]:
    """What is printed: one line for each finding, and one for all."""
    files = sum(entry.kind == "file" for entry in image.root)
    if not findings:
        return [f"scan: {files} files, user {image.configuration.user}, nothing that must not be"]
    said = []
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.kind] += 1
        if seen[finding.kind] <= SHOWN:
            said.append(f"{finding.kind}: {finding.where}: {finding.why}")
    said += [f"{kind}: and {n - SHOWN} more" for kind, n in seen.items() if n > SHOWN]
    return [*said, f"scan: {files} files, {len(findings)} that must not be"]


def main(given: Sequence[str] | None = None) -> int:
    """Print what was found; 1 when something has to be done, 2 when there is no image to look at."""
    parser = argparse.ArgumentParser(prog="scan", description="What must not be in our image.")
    parser.add_argument("tar", type=Path, nargs="?", help="of `docker save`, or an exported root")
    parser.add_argument("--config", type=Path, help="of an exported root: `docker image inspect`")
    asked = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as folder:
        try:
            image = read(asked.tar or save(NAME, Path(folder)), asked.config)
        except NoImage as error:
            print(f"scan: {error}")
            return 2
    findings = judge(image.configuration, image.root, image.hidden)
    print("\n".join(lines(image, findings)))
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
