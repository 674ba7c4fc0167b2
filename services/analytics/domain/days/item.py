"""What a customer did in a quarter of an hour, in UTC: packed, so that millions are quickly summed."""

from collections.abc import Iterable
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt

# at, arrival, uses, covered_s, faults, errors, tickets, ahead
_FORM = Struct("<IIQIHHHH")
ITEM = np.dtype(
    [
        ("at", "<u4"),
        ("arrival", "<u4"),
        ("uses", "<u8"),
        ("covered_s", "<u4"),
        ("faults", "<u2"),
        ("errors", "<u2"),
        ("tickets", "<u2"),
        ("ahead", "<u2"),
    ]
)
"""An item.

at: quarter of an hour it happened in.
arrival: quarter of an hour by whose beginning it had arrived.
uses: meaningful uses; the other counts are of records, of which a batch has 5,000.
covered_s: seconds covered by heartbeats.
ahead: local days after `at` that they cover, of heartbeats that are rarer than daily.
"""
COUNTS = ("uses", "covered_s", "faults", "errors", "tickets")
SIZE = _FORM.size

Items = npt.NDArray[np.void]
Key = tuple[int, int, int]  # at, arrival, ahead


def pack(items: Iterable[tuple[Key, list[int]]]) -> bytes:
    """Items with their counts, as bytes.

    >>> unpack([pack([((7, 9, 0), [1, 0, 2, 0, 0])])])["faults"].tolist()
    [2]
    """
    return b"".join(
        _FORM.pack(at, arrival, *counts, ahead) for (at, arrival, ahead), counts in items
    )


def unpack(packed: Iterable[Any]) -> Items:
    """All items of several packs, one array."""
    return np.frombuffer(b"".join(packed), dtype=ITEM)
