"""The process of the mail catcher: `catcher.py PORT FOLDER`."""

import asyncio
import itertools
import signal
import sys
from email.utils import localtime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class Keep:
    """Writes each mail to a file of its own before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(
            1 + max((_number(p) for p in folder.glob("*.eml")), default=0)
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail, with its SMTP sender and recipients on top."""
        head = f"X-Mail-From: {envelope.mail_from}\r\n"
        head += f"X-Rcpt-To: {', '.join(envelope.rcpt_tos)}\r\n"
        head += f"X-Received: {localtime().isoformat()}\r\n"
        content = envelope.content or b""
        body = content if isinstance(content, bytes) else content.encode()
        path = self.folder / f"{next(self.numbers):06d}.eml"
        half = path.with_suffix(".half")
        half.write_bytes(head.encode() + body)
        half.rename(path)
        return "250 kept"


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdigit() else 0


async def main(port: int, folder: Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, ended.set)
    keep = Keep(folder)
    server = await loop.create_server(
        lambda: SMTP(keep, hostname="playcaller.local", enable_SMTPUTF8=True), HOST, port
    )
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
