"""Our own accounts at the MQTT broker, and what every account may do there.

Ids of devices and apps have no underscore: no source can have the name of one of these.
"""

from collections.abc import Iterable, Mapping

INGEST = "_ingest"
CLOCK = "_clock"  # sends the beacons of simulated time; exists in demo and rehearsal only
MONITOR = "_monitor"  # reads the broker's own log, takes over connections that must end
BUCKETS = "0123456789abcdef"

HEAD = """\
# Who may do what at the MQTT broker. Written by Playcaller (shared/mqtt_accounts.py).
# A device or an app signs in with its id, which is its %u: it writes its own `up` and reads its
# own `down`. Everything that is not named is denied.
"""
SOURCES = """\
pattern write pc/v1/+/devices/%u/up/+
pattern read pc/v1/+/devices/%u/down
pattern write pc/v1/+/apps/%u/up/+
pattern read pc/v1/+/apps/%u/down
"""


def acl(
    buckets: Mapping[str, Iterable[str]] | None = None,
    *,
    clock: bool = False,
    more: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """mosquitto's acl_file.

    Args:
        buckets: which of them each account of ingest's serves; None: one serves all.
        clock: whether simulated time may be told.
        more: further accounts with their lines, for tests.
    """
    lines = []
    for account, digits in (buckets or {INGEST: BUCKETS}).items():
        lines += ["", f"user {account}", *(line for b in digits for line in _bucket(b, clock))]
    lines += ["", f"user {MONITOR}", "topic read $SYS/#"]
    if clock:
        lines += ["", f"user {CLOCK}", "topic write pc/v1/+/clock/up"]
    for account, rights in (more or {}).items():
        lines += ["", f"user {account}", *rights]
    return f"{HEAD}{SOURCES}" + "\n".join(lines) + "\n"


def _bucket(bucket: str, clock: bool) -> Iterable[str]:
    yield f"topic read pc/v1/{bucket}/devices/+/up/+"
    yield f"topic read pc/v1/{bucket}/apps/+/up/+"
    yield f"topic write pc/v1/{bucket}/devices/+/down"
    yield f"topic write pc/v1/{bucket}/apps/+/down"
    if clock:
        yield f"topic read pc/v1/{bucket}/clock/up"
