"""Log files have an end: one that is too large begins anew, and its past is kept once."""

import os
import shutil
from pathlib import Path

LARGEST_BYTES = 32 * 2**20


def bound(folder: Path, largest: int = LARGEST_BYTES) -> list[str]:
    """Turn every log that is larger into `<name>.log.1`; returns their names.

    The processes go on writing into the same file: they opened it for appending. What one writes
    between the copy and the cut is lost.
    """
    turned = []
    for path in sorted(folder.glob("*.log")):
        if path.stat().st_size > largest:
            kept = path.with_name(f"{path.name}.1")
            half = kept.with_suffix(".new")
            shutil.copyfile(path, half)
            os.truncate(path, 0)
            half.replace(kept)
            turned.append(path.stem)
    return turned
