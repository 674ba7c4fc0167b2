"""What an installation holds: rows of its databases, and how far they are behind Kafka."""

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

    async def lag(self, service: str) -> int:
        """Records of Kafka that its database does not have yet."""
        ends = await kafka.ends(self.bootstrap, [topic.name for topic in consumed_by(service)])
        rows = await self.rows(service, "SELECT topic, partition, next_offset FROM consumer_offset")
        at = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        return sum(max(0, end - at.get(place, 0)) for place, end in ends.items())
