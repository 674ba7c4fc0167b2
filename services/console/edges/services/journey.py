"""Journey: customers and their stages."""

import msgspec

from shared.web.client import Peer


class Stage(msgspec.Struct, frozen=True):
    """One stage of the journey map, and how many customers are in it."""

    stage: str
    says: str
    customers: int


class Journey:
    """What pages ask journey."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def stages(self) -> list[Stage]:
        """How many customers are in each stage, in the order of the journey map?"""
        answer = await self._peer.get("/v1/stages", bearer=self._bearer)
        return answer.read(list[Stage])
