"""One mail over SMTP, and what is known of it when the conversation has ended.

A server that breaks off after DATA may have taken the mail: that alone is uncertain, and a mail sent
again has the same Message-ID, so that what reads it can leave the second one out (RFC 5322, 3.6.4).
"""

import asyncio
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

import aiosmtplib

from shared.effects.effect import Accepted, Away, NotNow, Outcome, Refused, Uncertain
from shared.effects.smtp_lines import Lines
from shared.unsafe import is_loopback

SEND_S = 25.0  # all of it; the kinds' acts take a little longer
FOR_GOOD = 500  # replies from here on do not change (RFC 5321, 4.2.1)
POLICY = SMTP.clone(cte_type="7bit")  # every server takes it


class Courier:
    """Hands mails over to one server."""

    def __init__(self, url: str, sender: str, ca_file: str = "") -> None:
        """A courier that has not connected yet.

        Args:
            url: `smtps://` or `smtp://`, with user and password if need be. Over `smtp://` another
                machine must offer STARTTLS: what opens accounts never travels in clear.
            sender: address of the envelope and of `From`.
            ca_file: whom the server's certificate must be of; empty: an authority of the system's.
        """
        self._server = urlsplit(url)
        here = is_loopback(self._server.hostname or "")
        self.start_tls = None if self._server.scheme == "smtps" or here else True
        self.sender = sender
        self._tls = ssl.create_default_context(cafile=ca_file or None)
        self._lines = Lines(self._connection)

    def message_id(self, effect: str) -> str:
        """The same for every try of an effect."""
        return f"<{effect}@{self.sender.partition('@')[2]}>"

    async def send(self, message: EmailMessage) -> Outcome:
        """Hand it over to its one receiver."""
        data_began = False
        try:
            async with asyncio.timeout(SEND_S), self._lines.line() as server:
                await server.mail(self.sender)
                await server.rcpt(str(message["To"]))
                data_began = True
                await server.data(message.as_bytes(policy=POLICY))
        except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPRecipientRefused) as refused:
            why = f"smtp_{refused.code}"
            return Refused(why) if refused.code >= FOR_GOOD else NotNow(why)
        except aiosmtplib.SMTPSenderRefused as refused:
            return NotNow(f"smtp_{refused.code}")
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            why = type(error).__name__
            return Uncertain(why) if data_began else Away(why)
        return Accepted()

    def _connection(self) -> aiosmtplib.SMTP:
        server = self._server
        implicit = server.scheme == "smtps"
        return aiosmtplib.SMTP(
            hostname=server.hostname,
            port=server.port or (465 if implicit else 25),
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=implicit,
            start_tls=self.start_tls,
            tls_context=self._tls,
            timeout=SEND_S,
        )
