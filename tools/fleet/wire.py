"""A socket with memory on both sides, put under paho: one system call for many small packets.

paho reads a PUBACK with three system calls and writes every PUBLISH with one; here PUBACKs are read
many at a time and never reach paho (`link.py` says why).
"""

import socket
import ssl

READ_BYTES = 65_536
PUBACK = 0x40


class Wire:
    """Looks like a non-blocking socket to paho; `fill` and `flush` do the real reading and writing.

    Not thread-safe: one selector drives all wires of a fleet.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.out = bytearray()
        self._in = b""
        self._at = 0
        self._ended = False

    def fileno(self) -> int:
        return self.sock.fileno()

    def setblocking(self, flag: bool) -> None:  # the signature of socket
        self.sock.setblocking(flag)

    def close(self) -> None:
        self.sock.close()

    def send(self, data: bytes | bytearray) -> int:
        """Take all of it; it leaves with the next `flush`."""
        self.out += data
        return len(data)

    def recv(self, size: int) -> bytes:
        """Up to `size` bytes of what `fill` has read. Raises BlockingIOError when that is used up."""
        start = self._at
        if start < len(self._in):
            self._at = min(start + size, len(self._in))
            return self._in[start : self._at]
        if self._ended:
            return b""
        raise BlockingIOError

    @property
    def has_input(self) -> bool:
        """Whether reading on makes sense: bytes, or the end of the connection, which paho must see."""
        return self._at < len(self._in) or self._ended

    def fill(self) -> None:
        """Read what the system holds; a broken connection reads as its end."""
        while self._read() and isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            pass  # what TLS has taken off the socket already, the selector does not see

    def _read(self) -> bool:
        """Whether there was something."""
        try:
            data = self.sock.recv(READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError:
            data = b""
        if data:
            self._in = self._in[self._at :] + data
            self._at = 0
        else:
            self._ended = True
        return bool(data)

    def pubacks(self) -> list[tuple[int, int]]:
        """Take the PUBACKs that come next: (packet id, reason); to be called between two packets.

        Source: MQTT 5.0 section 3.4; without a reason byte it is 0, success.
        """
        data, at, packets = self._in, self._at, []
        while len(data) - at >= 4 and data[at] == PUBACK:
            length = data[at + 1]
            end = at + 2 + length
            if length > 127 or end > len(data):
                break
            packets.append((data[at + 2] << 8 | data[at + 3], data[at + 4] if length > 2 else 0))
            at = end
        self._at = at
        return packets

    @property
    def is_torn(self) -> bool:
        """Whether what comes next is the beginning of a PUBACK whose rest is still on its way."""
        rest = self._in[self._at : self._at + 2]
        if not rest or rest[0] != PUBACK or self._ended:
            return False
        return len(rest) < 2 or len(self._in) - self._at < 2 + rest[1]

    def flush(self) -> None:
        """Write what the system takes; a broken connection shows at the next `fill`."""
        if not self.out:
            return
        try:
            sent = self.sock.send(self.out)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            self.out.clear()
            self._ended = True
            return
        del self.out[:sent]
