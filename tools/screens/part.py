"""One server or service, as `status` sees it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One server or service."""

    name: str
    state: str  # up, down, or what it says it waits for
    address: str = ""
    pid: int | None = None
    memory_mb: float | None = None

    @property
    def healthy(self) -> bool:
        """Does it run and answer?"""
        return self.state == "up"
