"""What somebody typed in leads to public hosts only, and to the address that was looked at."""

import asyncio
import ssl
from ipaddress import ip_address

import pytest

from shared.clock import wall_now
from shared.errors import TryLater
from shared.pki_files import PkiFiles
from shared.web.client.outgoing import ANSWER_BYTES, AddressRefused, Outgoing, is_public

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("0.0.0.0", False),  # noqa: S104
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("172.31.255.255", False),
        ("172.32.0.1", True),
        ("192.168.1.1", False),
        ("169.254.169.254", False),  # the cloud's metadata
        ("100.64.0.1", False),  # carrier-grade NAT
        ("100.127.255.255", False),
        ("100.128.0.1", True),
        ("192.0.2.1", False),  # documentation
        ("198.18.0.1", False),  # benchmarks
        ("224.0.0.1", False),  # multicast
        ("239.255.255.255", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),  # metadata over IPv6
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("::ffff:127.0.0.1", False),  # IPv4 in IPv6, in all its dresses
        ("::ffff:169.254.169.254", False),
        ("::ffff:93.184.215.14", True),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address, public):
    assert is_public(ip_address(address)) is public


class Names:
    """A resolver that answers in turn, and remembers what it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = []

    async def __call__(self, host, port):
        self.asked.append((host, port))
        return self._answers.pop(0)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/",
        "example.org",
        "",
        "https://",
        "https:///path",
        "https://user:password@example.org/",
        "https://example.org@10.0.0.1/",
        "https://example.org:22/",
        "https://example.org:8080/",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://[::1/",
        "javascript:alert(1)",
    ],
)
async def test_what_is_no_plain_https_url_is_refused_before_any_name_is_asked(url):
    names = Names()
    with pytest.raises(AddressRefused):
        await Outgoing(names).check(url)
    assert names.asked == []


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"], ["::ffff:10.0.0.1"], []],
)
async def test_a_name_with_one_address_of_ours_is_refused(addresses):
    with pytest.raises(AddressRefused, match="public Internet") as refused:
        await Outgoing(Names(addresses)).send("POST", "https://example.org/hook", b"x")
    assert "10.0.0.1" not in str(refused.value), "nobody maps our network with it"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "localhost",
             "[::ffff:127.0.0.1]", "169.254.169.254", "0", "\u2460\u2461\u2467.0.0.1"],
)  # fmt: skip
async def test_our_own_machine_is_refused_however_it_is_written(host):
    """With the system's own resolver."""
    with pytest.raises((AddressRefused, TryLater)):
        await Outgoing().check(f"https://{host}/")


@pytest.fixture
async def hook(tmp_path):
    """An HTTPS server on loopback with a certificate for `localhost`; (port, trust, seen)."""
    files = PkiFiles(tmp_path).ensure(wall_now())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.server, files.server_key)
    seen = []

    async def serve(reader, writer):
        seen.append((await reader.readuntil(b"\r\n\r\n")).decode())
        path = seen[-1].split()[1]
        if path == "/away":
            writer.write(
                b"HTTP/1.1 302 Found\r\nLocation: https://localhost/\r\nContent-Length: 0\r\n\r\n"
            )
        elif path == "/large":
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1_000_000)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1], ssl.create_default_context(cafile=files.ca), seen
    server.close()


def towards(hook, *answers) -> tuple[Outgoing, Names]:
    port, trust, _ = hook
    names = Names(*answers)
    loopback = ip_address("127.0.0.1")
    return Outgoing(names, lambda one: one == loopback, trust, frozenset({port})), names


async def test_the_connection_goes_to_the_address_that_was_looked_at(hook):
    """DNS rebinding: a second question would have another answer; it is never asked."""
    outgoing, names = towards(hook, ["127.0.0.1"], ["127.0.0.2"])
    answer = await outgoing.send("POST", f"https://localhost:{hook[0]}/a?b=c", b"{}", {"X-A": "b"})
    assert (answer.status, answer.content) == (200, b"ok")
    assert names.asked == [("localhost", hook[0])]
    (head,) = hook[2]
    assert head.startswith("POST /a?b=c HTTP/1.1\r\n")
    assert f"host: localhost:{hook[0]}\r\n" in head.lower()


async def test_the_certificate_must_be_the_hosts(hook):
    outgoing, _ = towards(hook, ["127.0.0.1"])
    with pytest.raises(TryLater):
        await outgoing.send("GET", f"https://another.example:{hook[0]}/")
    assert hook[2] == [], "nothing was said to it"


async def test_a_redirect_is_not_followed(hook):
    outgoing, names = towards(hook, ["127.0.0.1"])
    answer = await outgoing.send("GET", f"https://localhost:{hook[0]}/away")
    assert answer.status == 302
    assert (len(hook[2]), len(names.asked)) == (1, 1)


async def test_of_a_large_answer_only_the_beginning_is_kept(hook):
    outgoing, _ = towards(hook, ["127.0.0.1"])
    answer = await outgoing.send("GET", f"https://localhost:{hook[0]}/large")
    assert len(answer.content) == ANSWER_BYTES
