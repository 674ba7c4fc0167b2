"""How much memory a set of processes really takes: the sum of their PSS.

PSS counts a page shared by n processes as 1/n for each, so the sum over all processes is what the
machine gave up; resident size would count PostgreSQL's shared buffers once per connection.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil  # type: ignore[import-untyped]  # no stubs in the lock

SAMPLE_S = 5.0  # reading takes about 0.3 ms per process


def pss_bytes(pid: int) -> int:
    """Return the proportional set size of one process; 0 when it has ended."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    try:
        if rollup.exists():
            for line in rollup.read_text(encoding="ascii").splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
        return int(psutil.Process(pid).memory_info().rss)  # no PSS outside Linux
    except (OSError, psutil.Error):
        return 0


def by_name(pids: Mapping[str, int]) -> dict[str, int]:
    """Return bytes by name, each with all processes below it."""
    children: dict[int, list[int]] = {}  # read once: for each name anew it is most of a sample
    for process in psutil.process_iter(["ppid"]):
        children.setdefault(process.info["ppid"], []).append(process.pid)

    def family(pid: int) -> list[int]:
        return [pid, *(member for child in children.get(pid, ()) for member in family(child))]

    return {name: sum(map(pss_bytes, family(pid))) for name, pid in pids.items()}


@dataclass
class PeakMemory:
    """Samples in the background while the `async with` block runs.

    `pids` is called at each sample, so processes may come and go.
    Attributes: peak_mb: the highest sum; at_peak_mb: its parts by name.
    """

    pids: Callable[[], Mapping[str, int]]
    every_s: float = SAMPLE_S
    peak_mb: float = 0
    at_peak_mb: dict[str, float] = field(default_factory=dict)
    _task: "asyncio.Task[None] | None" = None

    def sample(self) -> None:
        """Measure once, now."""
        parts = {name: round(size / 2**20, 1) for name, size in by_name(self.pids()).items()}
        total = round(sum(parts.values()), 1)
        if total > self.peak_mb:
            self.peak_mb, self.at_peak_mb = total, parts

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._sample_on())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.sample()

    async def _sample_on(self) -> None:
        while True:
            await asyncio.to_thread(self.sample)
            await asyncio.sleep(self.every_s)
