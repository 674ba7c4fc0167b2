"""When was the record at an offset appended? Found by asking for offsets by time: pure."""

FIRST_STEP_MS = 1_000
FACTOR = 4  # 14 days back in 11 questions
CLOSE_ENOUGH_MS = 100


class Search:
    """The search for the append time of one record.

    Times in a log never fall (LogAppendTime), so the time of the record at `at` is the latest
    moment after which `at` or an earlier record is the first one.

    >>> log = [10_000, 10_000, 25_000, 90_000]  # append times in ms, by offset
    >>> search = Search(at=2, now_ms=95_001)
    >>> while search.appended_ms is None:
    ...     later = [(n, ms) for n, ms in enumerate(log) if ms >= search.ask_ms]
    ...     search.note(later[0] if later else None)
    >>> search.appended_ms
    25000

    Attributes:
        at: the record's offset.
        ask_ms: the moment to ask about next.
        appended_ms: the answer, at most CLOSE_ENOUGH_MS too early; None while it is not known.
    """

    def __init__(self, at: int, now_ms: int) -> None:
        self.at = at
        self.appended_ms: int | None = None
        self._step = FIRST_STEP_MS
        self._after = now_ms  # the record was appended before this moment
        self._from: int | None = None  # and not before this one
        self.ask_ms = max(0, now_ms - self._step)

    def note(self, first: tuple[int, int] | None) -> None:
        """Take the answer: offset and time of the first record since `ask_ms`; None without one."""
        if first is not None and first[0] == self.at:
            self.appended_ms = first[1]
            return
        if first is None or first[0] > self.at:
            self._after = self.ask_ms
        else:
            self._from = max(self.ask_ms, first[1])
        if self._from is None:
            if self.ask_ms == 0:
                self.appended_ms = 0  # it is older than every time: removed meanwhile
            self._step *= FACTOR
            self.ask_ms = max(0, self.ask_ms - self._step)
        elif self._after - self._from <= CLOSE_ENOUGH_MS:
            self.appended_ms = self._from
        else:
            self.ask_ms = (self._from + self._after) // 2
