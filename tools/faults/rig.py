"""A Playcaller of its own for trials: servers, services, ways that can be cut, and a restarter.

The product's code starts the processes (tools/local) and signs tokens; everything else is ours.
"""

import asyncio
import signal
import ssl
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]  # no stubs in the lock

from tools.faults.databases import Databases
from tools.faults.device import Device
from tools.faults.kafka import ProxiedKafka
from tools.faults.process import Process
from tools.faults.proxy import Proxy
from tools.faults.seen import Seen
from tools.faults.until import until
from tools.local import identity
from tools.local.ports import keep_or_choose
from tools.local.process import ROOT
from tools.local.server import Server
from tools.local.servers import Servers
from tools.local.services import Services

CONSUMERS = ("journey", "support", "analytics")
SERVICES = ("ingest", *CONSUMERS)
KAFKA_WAYS = ("ingest", "support")  # their way to Kafka can be cut; support's to PostgreSQL too
SESSION_S = 10
CONNECTED_S = 90.0
ACKS = {"INGEST_ACK_EVENTS": "20", "INGEST_ACK_AFTER_S": "2", "INGEST_ANSWER_S": "1"}
STRANGER = "_stranger"  # an account of the broker that may publish for sources nobody registered


class Rig(Seen, Databases):
    """Everything of one folder.

    Attributes:
        deaths: (service, its last words) of each process that nobody of us ended.
        down: services that a trial has ended, and that stay so.
        fault_began: monotonic, when what is to be seen began.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder.absolute())
        self.devices: dict[str, Device] = {}
        self.proxies: dict[str, Proxy] = {}
        self.deaths: list[tuple[str, str]] = []
        self.down: set[str] = set()
        self.fault_began = 0.0
        self.database_proxy: Proxy
        self._seconds: list[Process] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = AsyncExitStack()

    async def start(self) -> "Rig":
        """Start servers and services."""
        self.servers = Servers(
            self.folder,
            end_with_parent=True,
            mqtt_accounts={STRANGER: ("topic write pc/v1/#",)},
        )
        self._started.callback(self.servers.erase)
        self._started.push_async_callback(self._stop_proxies)
        self._started.push_async_callback(self.servers.stop)
        await self._proxied_kafka()
        self.endpoints = await self.servers.start()
        for proxy in self.proxies.values():
            await proxy.start()
        self.services = Services(
            self.folder,
            self.endpoints,
            extra={
                "KAFKA_SESSION_S": str(SESSION_S),
                "HTTP_RATE_PER_S": "1000",
                "HTTP_BURST": "5000",
            },
            end_with_parent=True,
        )
        for name, proxy in self.proxies.items():
            self.services[name].tell({"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{proxy.port}"})
        await self._proxied_database("support")
        self._started.push_async_callback(self.services.stop)
        self.services["ingest"].tell(ACKS)
        await self.services.prepare()
        self.urls = await self.services.start()
        return self

    async def _proxied_kafka(self) -> None:
        proxied_kafka = ProxiedKafka(self.folder, end_with_parent=True)
        ways = {}
        for name in KAFKA_WAYS:
            inner, outer = await keep_or_choose(None), await keep_or_choose(None)
            ways[name.upper()] = (inner, outer)
            self.proxies[name] = Proxy(outer, lambda inner=inner: inner)  # type: ignore[misc]
        proxied_kafka.ways = ways
        self.servers.wanted[self.servers.wanted.index(self.servers.kafka)] = proxied_kafka
        self.servers.kafka = proxied_kafka

    async def _proxied_database(self, name: str) -> None:
        url = self.endpoints.database_urls[name]
        port = urlsplit(url).port or 0  # the same after every start
        self.database_proxy = Proxy(await keep_or_choose(None), lambda: port)
        await self.database_proxy.start()
        self._started.push_async_callback(self.database_proxy.stop)
        through = url.replace(f":{port}/", f":{self.database_proxy.port}/")
        self.services[name].tell({"DATABASE_URL": through})

    async def stop(self) -> None:
        """End everything that was started, and delete the data."""
        for task in self._tasks:
            task.cancel()
        for device in self.devices.values():
            await device.stop()
        for second in self._seconds:
            if second.child.returncode is None:
                await second.end(signal.SIGKILL)
        await self._started.aclose()

    async def _stop_proxies(self) -> None:
        for proxy in self.proxies.values():
            await proxy.stop()

    # processes

    def pid(self, service: str) -> int | None:
        """Of a service, while it runs."""
        return self._pid_of(self.services[service])

    @staticmethod
    def _pid_of(server: Server) -> int | None:
        """Read from its record: `find` would change what a start beside us works with."""
        who = identity.load(server.record)
        return who.pid if who is not None and identity.is_running(who) else None

    def server_pids(self, name: str) -> list[int]:
        """Of a server and its children."""
        pid = self._pid_of(getattr(self.servers, name))
        if pid is None:
            return []
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]

    async def kill(self, *services: str) -> None:
        """`kill -9`; the restarter leaves them alone until `start_again`."""
        self.down |= set(services)
        await asyncio.gather(*(self.services[name].kill() for name in services))

    async def start_again(self, *services: str) -> None:
        """Start what was killed."""
        await asyncio.gather(*(self.services[name].start() for name in services))
        self.urls = self.services.urls()
        self.down -= set(services)

    async def starting(self, service: str) -> None:
        """Start it without waiting until it is ready."""
        self.spawn(self.start_again(service))

        async def runs() -> bool:
            return self.pid(service) is not None

        await until(runs, 30, f"{service} runs")

    async def second(self, service: str, path: str = "/readyz") -> Process:
        """Another process of a service, once this page of it is well or it has ended."""
        port = await keep_or_choose(None)
        environment = {**self.services[service].environment(), "HTTP_PORT": str(port)}
        with (self.folder / "logs" / f"{service}.second.log").open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", f"services.{service}",
                env=environment, cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        process = Process(child, f"http://127.0.0.1:{port}")
        self._seconds.append(process)

        async def is_there() -> bool:
            return child.returncode is not None or (await self.ready(process.url, path))[0] == 200

        try:
            await until(is_there, 90, f"a second {service} is ready", every_s=0.3)
        except TimeoutError:  # it must not go on beside the next trials
            await process.end(signal.SIGKILL)
            raise
        return process

    def last_words(self, service: str) -> str:
        """The last critical line of its log, or its last line."""
        lines = (self.folder / "logs" / f"{service}.log").read_text("utf-8", "replace").splitlines()
        said = [line for line in lines if "CRITICAL" in line.upper()] or lines
        return said[-1][-400:] if said else ""

    def spawn(self, work: Any) -> None:
        """Work beside the trial, ended with the rig."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # sources

    async def device(self, source: str, customer: str | None, kind: str = "devices") -> Device:
        """Register, claim unless nobody has it, connect."""
        body: dict[str, str | None] = {"id": source, "model": "cam-2"}
        if kind == "apps":
            body["customer"] = customer
        await self.post("ingest", f"/v1/{kind}", body)
        if kind == "devices" and customer is not None:
            await self.claim(source, customer)
        password = (await self.post("ingest", f"/v1/{kind}/{source}/credentials"))["password"]
        where = urlsplit(self.endpoints.mqtt_url or "")
        trusted = ssl.create_default_context(cafile=str(self.servers.mosquitto.ca))
        client = Device((where.hostname or "", where.port or 0, trusted), source, kind, password)
        self.devices[source] = client
        client.start()
        return client

    async def claim(self, source: str, customer: str) -> None:
        """Somebody owns the device from now on."""
        await self.post("ingest", f"/v1/devices/{source}/claim", {"customer": customer})

    async def fleet(self, devices: int = 20, apps: int = 3) -> None:
        """Sources of ten customers, connected."""
        cams = [(f"cam-{n}", f"cust-{n % 10}", "devices") for n in range(devices)]
        sources = [*cams, *((f"app-{n}", f"cust-{n}", "apps") for n in range(apps))]
        fleet = await asyncio.gather(*(self.device(*source) for source in sources))
        self.devices = {device.source: device for device in fleet}  # in this order, in every run
        async with asyncio.timeout(CONNECTED_S):
            for device in self.devices.values():
                await device.is_up.wait()
