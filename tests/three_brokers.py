"""Three brokers of Kafka in one cluster, for trials with a change of leader."""

import asyncio
import re
import shutil
from pathlib import Path

from tools.local import ports
from tools.local.kafka import Kafka
from tools.local.ports import LOOPBACK

COUNT = 3


class Broker(Kafka):
    """One of the three: broker and controller."""

    def __init__(self, folder: Path, number: int, voters: dict[int, int]) -> None:
        super().__init__(folder / str(number), end_with_parent=True)
        self.number = number
        self.voters = voters

    async def prepare(self, chosen) -> None:
        """As one broker's, then what makes it one of three."""
        await super().prepare(chosen)
        voters = ",".join(f"{n}@{LOOPBACK}:{port}" for n, port in self.voters.items())
        changed = {
            "node.id": self.number,
            "controller.quorum.voters": voters,
            "offsets.topic.replication.factor": COUNT,
            "default.replication.factor": COUNT,
            "min.insync.replicas": 2,
            "transaction.state.log.replication.factor": COUNT,
            "transaction.state.log.min.isr": 2,
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "controller.quorum.election.timeout.ms": 1000,
            "controller.quorum.fetch.timeout.ms": 2000,
            "replica.lag.time.max.ms": 2000,
            "replica.fetch.wait.max.ms": 100,
        }
        text = self._config.read_text(encoding="utf-8")
        for name in changed:
            text = re.sub(rf"(?m)^{re.escape(name)}=.*\n", "", text)
        text += "".join(f"{name}={value}\n" for name, value in changed.items())
        self._config.write_text(text, encoding="utf-8")

    async def _make_formatted(self) -> None:
        """The template is of node 1; formatting asks for the folder's own number."""
        await super()._make_formatted()
        meta = self._logs / "meta.properties"
        said = meta.read_text(encoding="utf-8")
        said = re.sub(r"(?m)^node\.id=.*$", f"node.id={self.number}", said)
        said = re.sub(r"(?m)^directory\.id=.*\n", "", said)
        meta.write_text(said, encoding="utf-8")

    async def _choose_ports(self, *, keep: bool) -> tuple[int, ...]:
        """The controller's is known to the others before it starts."""
        first, *_ = await super()._choose_ports(keep=keep)
        return (first, self.voters[self.number])


class ThreeBrokers:
    """A cluster in one folder; every broker can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        voters = {number: ports.free_port() for number in range(1, COUNT + 1)}
        self.brokers = {number: Broker(folder, number, voters) for number in voters}

    @property
    def bootstrap(self) -> str:
        """All that run."""
        return ",".join(each.bootstrap for each in self.brokers.values() if each.who)

    async def start(self) -> "ThreeBrokers":
        """All at once: none is healthy before a majority is up."""
        await asyncio.gather(*(broker.start() for broker in self.brokers.values()))
        return self

    async def stop(self) -> None:
        """End them and what they stored."""
        await asyncio.gather(*(broker.kill() for broker in self.brokers.values()))
        shutil.rmtree(self.folder, ignore_errors=True)
