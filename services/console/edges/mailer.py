"""Sends what waits in the table `mail`; a slow mail server holds nobody up.

A mail is leased, sent, then deleted: a crash between the last two sends it once more, never twice,
under the same Message-ID. Whatever else goes wrong is tried again for as long as its link is good.
"""

import asyncio
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.console.domain import letters, link
from services.console.domain.account import Account
from services.console.domain.mail import ATTEMPTS, LEASE, NOTICES, Mail, pause
from services.console.domain.rules import Rules
from services.console.domain.seal import Seal
from services.console.errors import SealBroken
from services.console.store.store import Beginning
from shared import log, metrics
from shared.clock import wall_now
from shared.db import trouble
from shared.unsafe import is_loopback

LOOK_S = 5.0
SEND_S = 30.0

_log = log.get("console.mailer")


class Mailer:
    """One task of console."""

    def __init__(
        self, begin: Beginning, rules: Rules, seal: Seal, smtp_url: str, sender: str
    ) -> None:
        self._begin = begin
        self._rules = rules
        self._seal = seal
        self._server = urlsplit(smtp_url)
        # links that open accounts never travel in clear to another machine
        here = is_loopback(self._server.hostname or "")
        self._start_tls = None if self._server.scheme == "smtps" or here else True
        self._sender = sender
        self._something = asyncio.Event()

    def wake(self) -> None:
        """There is something to send."""
        self._something.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                while await self.send_one():
                    pass
            except Exception as error:
                if not trouble.is_passing(error):
                    raise
                _log.warning("mails wait for PostgreSQL", extra={"error": type(error).__name__})
            self._something.clear()
            try:
                await asyncio.wait_for(self._something.wait(), LOOK_S)
            except TimeoutError:
                continue

    async def send_one(self) -> bool:
        """Try the mail that is due first; False: none is."""
        now = wall_now()
        async with self._begin() as store:
            mail = await store.mails.lease(now, now + LEASE)
            account = None if mail is None else await store.accounts.by_id(mail.account)
        if mail is None:
            return False
        if account is None or now >= mail.expires_at:
            await self._give_up(mail, "too late for it")
            return True
        try:
            message = self._message(mail, account)
        except SealBroken:
            await self._give_up(mail, "its link cannot be opened")
            return True
        try:
            async with asyncio.timeout(SEND_S):
                await self._hand_over(message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self._later(mail, type(error).__name__)
        else:
            metrics.MAILS.labels("sent").inc()
            async with self._begin() as store:
                await store.mails.delete(mail.id)
        return True

    def _message(self, mail: Mail, account: Account) -> EmailMessage:
        text = self._letter(mail, account)
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = account.email
        message["Subject"] = text.subject
        message["Date"] = mail.created_at
        message["Message-ID"] = f"<{mail.id}@{self._sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.body)
        return message

    def _letter(self, mail: Mail, account: Account) -> letters.Letter:
        secret = self._seal.open(mail.secret, "mail", account.id)
        if mail.kind in NOTICES:
            return letters.notice(mail.kind, mail.created_at, self._rules.url)
        span = self._rules.reset if mail.kind == "reset" else self._rules.invitation
        return letters.letter(mail.kind, link.address(self._rules.url, secret), span)

    async def _hand_over(self, message: EmailMessage) -> None:
        server = self._server
        implicit = server.scheme == "smtps"
        await aiosmtplib.send(
            message,
            hostname=server.hostname,
            port=server.port or (465 if implicit else 25),
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=implicit,
            start_tls=self._start_tls,
            timeout=SEND_S,
        )

    async def _later(self, mail: Mail, why: str) -> None:
        if mail.attempts >= ATTEMPTS:
            await self._give_up(mail, why)
            return
        metrics.MAILS.labels("try_again").inc()
        _log.warning("a mail was not taken", extra={"mail": mail.id, "error": why})
        async with self._begin() as store:
            await store.mails.again(mail.id, wall_now() + pause(mail.attempts))

    async def _give_up(self, mail: Mail, why: str) -> None:
        metrics.MAILS.labels("given_up").inc()
        _log.error("a mail was given up", extra={"mail": mail.id, "error": why})
        async with self._begin() as store:
            await store.mails.delete(mail.id)
