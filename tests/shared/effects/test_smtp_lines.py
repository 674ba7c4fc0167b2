"""Connections to a mail server are kept while there are mails, and a broken one costs no mail its turn."""

import asyncio
from email.message import EmailMessage

import pytest

from shared.effects import smtp_lines
from shared.effects.effect import Accepted, Away, NotNow, Refused, Uncertain
from shared.effects.smtp import Courier
from tests.system import until

REPLIES = {
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RSET": "250 ok",
    "DATA": "354 go on",
    "QUIT": "221 bye",
}


class Server:
    """Speaks as much SMTP as a courier needs; `replies` in turn to RCPT, `ends` after so many mails.

    Attributes:
        said: the verbs of each connection.
    """

    def __init__(self):
        self.said, self.replies, self.ends, self.taken, self.writers = [], [], 1_000, "250 ok", []

    async def __call__(self, reader, writer):
        verbs, mails = [], 0
        self.said.append(verbs)
        self.writers.append(writer)
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            verb = line.decode().split()[0].upper()
            verbs.append(verb)
            reply = REPLIES.get(verb, "250 ok")
            if verb == "RCPT" and self.replies:
                reply = self.replies.pop(0)
            writer.write(f"{reply}\r\n".encode())
            if verb == "DATA":
                await reader.readuntil(b"\r\n.\r\n")
                if not self.taken:
                    break
                writer.write(f"{self.taken}\r\n".encode())
                mails += 1
            if verb == "QUIT" or mails >= self.ends:
                break
        writer.close()


@pytest.fixture
async def server():
    speaking = Server()
    listening = await asyncio.start_server(speaking, "127.0.0.1", 0)
    speaking.courier = Courier(
        f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}", "us@example.org"
    )
    yield speaking
    for writer in speaking.writers:
        writer.close()
    listening.close()


def mail() -> EmailMessage:
    message = EmailMessage()
    message["To"] = "ann@example.org"
    message.set_content("hello")
    return message


async def test_mails_go_over_one_connection_after_the_other_and_it_is_ended_when_there_are_none(
    server,
):
    for _ in range(3):
        assert await server.courier.send(mail()) == Accepted()
    of_mail = ["MAIL", "RCPT", "DATA"]
    await until(lambda: server.said[0][-1] == "QUIT")
    assert server.said == [
        ["EHLO", *of_mail, "RSET", *of_mail, "RSET", *of_mail, "QUIT"],
    ]


async def test_as_many_at_once_as_are_asked_for_and_no_more_are_kept(server, monkeypatch):
    monkeypatch.setattr(smtp_lines, "MOST_KEPT", 2)
    assert (
        await asyncio.gather(*(server.courier.send(mail()) for _ in range(4))) == [Accepted()] * 4
    )
    assert len(server.said) == 4
    await until(lambda: sum(said[-1] == "QUIT" for said in server.said) >= 2)
    assert await server.courier.send(mail()) == Accepted()
    assert len(server.said) == 4


async def test_what_a_server_has_ended_meanwhile_costs_no_mail_its_turn(server):
    server.ends = 1
    for _ in range(3):
        assert await server.courier.send(mail()) == Accepted()
    assert len(server.said) == 3


async def test_a_connection_is_used_so_often_and_no_more(server, monkeypatch):
    monkeypatch.setattr(smtp_lines, "MOST_MAILS", 2)
    for _ in range(5):
        assert await server.courier.send(mail()) == Accepted()
    assert [said.count("DATA") for said in server.said] == [2, 2, 1]


async def test_a_receiver_that_is_refused_harms_not_the_next_one(server):
    server.replies = ["550 nobody", "451 later"]
    assert await server.courier.send(mail()) == Refused("smtp_550")
    assert await server.courier.send(mail()) == NotNow("smtp_451")
    assert await server.courier.send(mail()) == Accepted()
    assert len(server.said) == 1


async def test_who_dies_after_data_may_have_the_mail_and_gets_nothing_more(server):
    assert await server.courier.send(mail()) == Accepted()
    server.taken = ""
    assert isinstance(await server.courier.send(mail()), Uncertain)
    server.taken = "250 ok"
    assert await server.courier.send(mail()) == Accepted()
    assert len(server.said) == 2


async def test_nobody_there_is_told_before_anything_is_said():
    assert isinstance(await Courier("smtp://127.0.0.1:1", "us@example.org").send(mail()), Away)
