"""Send everything that must be refused, and what carries no numbers, once in a history."""

from tools.fleet import bad
from tools.fleet.errors import NotInTime
from tools.fleet.ledger import Ledger
from tools.fleet.mqtt import Network

WAIT_S = 30.0


async def misbehave(network: Network, seed: int, at: str, ledger: Ledger) -> None:
    """Let the prototypes speak; the ledger is told what was sent.

    Args:
        at: a time that would be accepted, RFC 3339.
    Raises: NotInTime.
    """
    known, *_ = names = bad.prototypes(seed)
    links = {name: network.connect(name, bad.down(name)) for name in names}
    for each in bad.bad_payloads(seed, at):
        links[bad.source_of(each.topic)].send(each.topic, each.payload)
        ledger.bad_sent[each.reason] += 1
    for payload in bad.unsequenced(at):
        links[known].send(bad.topic(known), payload)
        ledger.unsequenced += 1
    if not await network.acked(links.values(), WAIT_S):
        raise NotInTime(f"no PUBACK of the bad payloads after {WAIT_S:.0f} s")
