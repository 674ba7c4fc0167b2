"""A circuit: who does not answer time after time is not asked for a while. Pure; `now_s` comes in."""

from dataclasses import dataclass

OPENS_AFTER = 5  # failures in a row: one lost answer is no outage, and eight panels ask at once
SHORTEST_S = 1.0  # as long nobody is asked at first; doubles with every trial that fails
LONGEST_S = 30.0  # a service that is back is found within this time


@dataclass(frozen=True, slots=True)
class Circuit:
    """How it stands with one service.

    Attributes:
        failures: in a row.
        until_s: closed before any failure; else nobody asks until then, monotonic seconds.
        pause_s: how long it was opened for, last time.
        trying: one call is out to see whether the service is back.
    """

    failures: int = 0
    until_s: float | None = None
    pause_s: float = 0.0
    trying: bool = False

    @property
    def is_open(self) -> bool:
        """Whether calls are held back, but for the one that tries."""
        return self.until_s is not None

    def wait_s(self, now_s: float) -> float:
        """How long a call has to be held back; 0.0: it may go."""
        if self.until_s is None:
            return 0.0
        if self.trying:
            return max(self.until_s - now_s, SHORTEST_S)
        return max(self.until_s - now_s, 0.0)

    def asked(self) -> "Circuit":
        """A call goes out; with an open circuit it is the one that tries."""
        if self.until_s is None:
            return self
        return Circuit(self.failures, self.until_s, self.pause_s, trying=True)

    def answered(self) -> "Circuit":
        """The service has answered: all is well."""
        return Circuit()

    def left(self, *, tried: bool) -> "Circuit":
        """A call ended without telling anything: who asked went away."""
        if not tried:
            return self
        return Circuit(self.failures, self.until_s, self.pause_s)

    def failed(self, now_s: float, *, tried: bool) -> "Circuit":
        """A call had no good answer.

        Args:
            tried: it was the one that tried; calls that were under way when the circuit opened
                do not open it longer.

        >>> circuit = Circuit()
        >>> for _ in range(OPENS_AFTER):
        ...     circuit = circuit.failed(100.0, tried=False)
        >>> circuit.wait_s(100.0), circuit.wait_s(101.0)
        (1.0, 0.0)
        >>> circuit.asked().failed(101.0, tried=True).wait_s(101.0)
        2.0
        """
        failures = self.failures + 1
        if self.until_s is not None and not tried:
            return Circuit(failures, self.until_s, self.pause_s, self.trying)
        if failures < OPENS_AFTER:
            return Circuit(failures)
        pause_s = min(max(2 * self.pause_s, SHORTEST_S), LONGEST_S)
        return Circuit(failures, now_s + pause_s, pause_s)
