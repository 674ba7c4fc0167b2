"""Which buckets are whose: as people write them, and those that nobody reads."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from services.ingest.domain.messages.addresses import BUCKETS

UNREAD_AFTER = timedelta(minutes=1)  # whoever reads one says so every 15 s


def spans(buckets: Iterable[str]) -> str:
    """Buckets as people write them.

    >>> spans("01238cd")
    '0-3,8,c-d'
    """
    written: list[list[str]] = []
    for bucket in sorted(buckets):
        if written and BUCKETS.index(bucket) == BUCKETS.index(written[-1][-1]) + 1:
            written[-1].append(bucket)
        else:
            written.append([bucket])
    return ",".join(span[0] if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in written)


def facts(owned: str, contacts: Mapping[str, datetime] | None, now: datetime) -> dict[str, str]:
    """Sentences about our buckets, and about those of others as far as we can know.

    Args:
        owned: ours.
        contacts: when each bucket was last read up to date, by whomever; None: not known.
    """
    if set(owned) == set(BUCKETS):
        return {"buckets": spans(BUCKETS)}
    said = {"buckets": f"{spans(owned)} of {spans(BUCKETS)}"}
    if contacts is not None:
        heard = {bucket for bucket, at in contacts.items() if now - at <= UNREAD_AFTER}
        unread = [b for b in BUCKETS if b not in owned and b not in heard]
        if unread:
            said["buckets_unread"] = f"{spans(unread)}: nobody reads them, or is far behind"
    return said
