"""Send everything that must be refused, and what carries no numbers, once in a history."""

from tools.fleet import bad
from tools.fleet.errors import NotInTime
from tools.fleet.ledger import Ledger
from tools.fleet.radio import Radio

WAIT_S = 30.0


async def misbehave(radio: Radio, seed: int, at: str, ledger: Ledger) -> None:
    """Let the prototypes speak; the ledger is told what was sent.

    A retired one and one that nobody has registered have no password: where everybody signs in for
    himself, the broker turns them away, and what they would say never gets to ingest.

    Args:
        at: a time that would be accepted, RFC 3339.
    Raises: NotInTime.
    """
    network = radio.network
    known, *others = bad.prototypes(seed)
    await radio.let_in("devices", [known])
    links = {known: network.connect(known, bad.down(known))}
    strangers = [network.connect(name, bad.down(name)) for name in others]
    if network.has_account:
        links |= {link.source: link for link in strangers}
    for bad_payload in bad.bad_payloads(seed, at):
        link = links.get(bad.source_of(bad_payload.topic))
        if link is not None:
            link.send(bad_payload.topic, bad_payload.payload)
            ledger.bad_sent[bad_payload.reason] += 1
    for payload in bad.unsequenced(at):
        links[known].send(bad.topic(known), payload)
        ledger.unsequenced += 1
    if not await network.acked(links.values(), WAIT_S):
        raise NotInTime(f"no PUBACK of the bad payloads after {WAIT_S:.0f} s")
    if not network.has_account:
        if not await network.until(lambda: all(s.turned_away for s in strangers), WAIT_S):
            raise NotInTime(f"a stranger was not turned away within {WAIT_S:.0f} s")
        for stranger in strangers:
            ledger.turned_away += 1
            network.disconnect(stranger)
