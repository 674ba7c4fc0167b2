"""Whom an address counts for, where tries and requests are counted by it."""


def network(address: str) -> str:
    """An IPv4 address itself, or the /64 an IPv6 address is in: one household has all of it.

    >>> network("2001:db8:1:2:3:4:5:6"), network("192.0.2.7")
    ('2001:db8:1:2', '192.0.2.7')
    """
    if ":" not in address or "." in address:
        return address
    head, _, tail = address.partition("::")
    left, right = head.split(":") if head else [], tail.split(":") if tail else []
    groups = [*left, *["0"] * (8 - len(left) - len(right)), *right]
    return ":".join(group.lstrip("0") or "0" for group in groups[:4])
