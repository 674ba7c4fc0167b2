"""What an installation holds: rows of its databases, and how far they are behind Kafka."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from shared.events.topics import consumed_by
from tools.faults import kafka
from tools.local.endpoints import Endpoints
from tools.local.servers import Servers


class Databases:
    """What is read and written beside the services."""

    servers: Servers
    endpoints: Endpoints

    @property
    def bootstrap(self) -> str:
        """Kafka, without a proxy."""
        return self.endpoints.kafka_bootstrap_servers or ""

    async def rows(self, service: str, query: str, *values: object) -> list[Any]:
        """Rows of a service's database."""
        url = self.endpoints.database_urls[service].replace("+asyncpg", "")
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def execute(self, database: str, statement: str, *values: object) -> None:
        """One statement as PostgreSQL's administrator."""
        server = self.servers.postgres
        connection = await server._connect(server.port, database)  # noqa: SLF001
        try:
            await connection.execute(statement, *values)
        finally:
            await connection.close()

    async def lag(self, *services: str) -> int:
        """Records of Kafka that the databases of these do not have yet."""
        topics = {topic.name for service in services for topic in consumed_by(service)}
        ends = await kafka.ends(self.bootstrap, sorted(topics))
        return sum([await self._behind(service, ends) for service in services])

    async def _behind(self, service: str, ends: Mapping[tuple[str, int], int]) -> int:
        rows = await self.rows(service, "SELECT topic, partition, next_offset FROM consumer_offset")
        at = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        its = {topic.name for topic in consumed_by(service)}
        return sum(max(0, end - at.get(p, 0)) for p, end in ends.items() if p[0] in its)
