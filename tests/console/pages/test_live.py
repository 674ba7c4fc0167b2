"""Open pages see what others do: over a real Kafka, from support's outbox to the browser."""

import asyncio
import re
from contextlib import asynccontextmanager

import msgspec
import pytest
from playwright.async_api import expect

from services.console.domain.pages.changes import Change, kinds
from services.console.edges.changes.live import AGAIN, BEAT, Audience, Live
from shared.stream import admin
from shared.stream.producer import Producer
from shared.stream.relay import Relay
from tests.apis import running
from tests.browser import tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tickets import FAULT, HELPERS, SHARE, TICKET, fields, ticket
from tests.served import served, until
from tools.local.ports import free_port

pytestmark = pytest.mark.servers
WITHIN_MS = 60_000  # `make bench` says how soon it is
# as a browser says it when another tab comes to the front, or this one
SHOWN = """shown => {
  Object.defineProperty(document, "hidden", { value: !shown, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def told(listener):
    """The ids of the next message."""
    message = (await listener.next(5)).decode()
    return msgspec.json.decode(re.search("data: (.*)", message)[1])


async def test_who_may_see_what_is_told_no_more():
    live = Live()
    live.begins(1)
    running_ = asyncio.create_task(live.run())
    asked = []

    async def sees(ids):
        asked.append(list(ids))
        return ["b"]

    agent = Audience(kinds(tickets=True, customers=True))
    partner = Audience(kinds(tickets=True, customers=False), "helpers", sees)
    marketing = Audience(kinds(tickets=False, customers=False))
    async with (
        live.listening(agent, 0) as ours,
        live.listening(partner, 0) as theirs,
        live.listening(partner, 0) as colleague,
        live.listening(marketing, 0) as nobody,
    ):
        live.note(5_000, [Change("ticket", "a", fresh=True), Change("customer", "ana")])
        live.note(5_001, [Change("ticket", "b")])
        assert await told(ours) == {"ticket": ["a", "b"], "customer": ["ana"], "fresh": ["a"]}
        assert await told(theirs) == {"ticket": ["b"]}
        assert await told(colleague) == {"ticket": ["b"]}
        assert asked == [["a", "b"]]  # once for an organisation
        assert await nobody.next(0.05) == BEAT
    async with live.listening(agent, 5_001) as back:  # nothing is missed, something told twice
        assert (await told(back))["ticket"] == ["a", "b"]
    live.begins(90_000)
    async with live.listening(agent, 5_001) as later:  # another process: it does not know
        assert await later.next(1) == AGAIN
    running_.cancel()
    await asyncio.gather(running_, return_exceptions=True)


async def test_who_does_not_keep_up_looks_at_everything_again():
    live = Live()
    async with live.listening(Audience(kinds(tickets=True, customers=False)), 0) as slow:
        for n in range(60):
            slow.put(f"data: {n}\n\n".encode())
        assert await slow.next(1) == AGAIN


@asynccontextmanager
async def workers(make_console, pki, **more):
    """Two consoles behind one address, as behind a proxy; `kill()` ends the first one's connections."""
    port, ports = free_port(), (free_port(), free_port())
    consoles = [make_console(HTTP_PORT=str(port), **more) for _ in ports]
    tls = {"HTTP_TLS_CERT_FILE": str(pki.server), "HTTP_TLS_KEY_FILE": str(pki.server_key)}
    alive, open_ = list(ports), []

    async def pipe(reader, writer):
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def forward(reader, writer):
        behind, onward = await asyncio.open_connection("127.0.0.1", alive[0])
        open_.append(writer)
        await asyncio.gather(pipe(reader, onward), pipe(behind, writer))

    def kill():
        alive.pop(0)
        for writer in open_:
            writer.transport.abort()

    async with (
        served(consoles[0].app, HTTP_PORT=str(ports[0]), **tls),
        served(consoles[1].app, HTTP_PORT=str(ports[1]), **tls),
    ):
        tasks = [asyncio.create_task(t()) for c in consoles for t in c.service.tasks[2:]]
        server = await asyncio.start_server(forward, "127.0.0.1", port)
        try:
            yield consoles, f"https://127.0.0.1:{port}", kill
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            server.close()
            for writer in open_:
                writer.transport.abort()
    for console in consoles:
        await console.close()


async def test_what_one_does_the_other_sees_also_when_a_worker_dies(
    browser, make_console, pki, support_database, desk, kafka
):
    for each in (
        ticket("old", 30, subject="No picture at night"),
        ticket("new", 3, priority="urgent"),
    ):
        await desk(TICKET, **each)
    await desk(FAULT, id="new")
    await desk(HELPERS)
    await desk(SHARE, id="old")
    await admin.ensure_topics(kafka, single=True)
    async with running("support", support_database, kafka) as (app, at):
        producer = Producer(kafka, "support")
        relay = Relay(app.state.engine, "support", producer)
        leading = asyncio.create_task(relay.run())
        more = {"CONSOLE_SUPPORT_URL": f"http://127.0.0.1:{at}", "KAFKA_BOOTSTRAP_SERVERS": kafka}
        async with workers(make_console, pki, **more) as (consoles, url, kill):
            bo = await consoles[1].signed_in("csm", email="bo@example.org")
            await consoles[0].sql("UPDATE account SET name = 'Bo'")
            await consoles[0].person("agent")

            async def does(id_, act, **form):
                page = await bo.get(f"/tickets/{id_}")
                answer = await bo.post(f"/tickets/{id_}/{act}", data={**fields(page, act), **form})
                assert answer.status_code == 303, answer.text

            known = "SELECT id FROM account WHERE email = 'bo@example.org'"
            me = f"account:{(await consoles[0].sql(known))[0].id}"
            ann = (await consoles[0].sql(known.replace("bo@", "ann@")))[0].id
            async with tab(browser, url) as page:
                await page.goto("/tickets")
                await enter(page)
                row = page.locator("tr", has_text="lens on cam-1")
                await expect(row).to_contain_text("Nobody")
                await row.get_by_role("checkbox").check()
                await does("new", "assign", assignee=me)
                await expect(row).to_contain_text("Bo", timeout=WITHIN_MS)
                await expect(row.get_by_role("checkbox")).to_be_checked()
                await desk(TICKET, **ticket("third", 1, subject="The third"))
                await does("third", "resolve", resolution="fix")
                await does("third", "reopen")
                await expect(page.get_by_role("button", name="One new: show it")).to_be_visible()
                # a list without a row is as live: what is given to who looks at theirs is new in it
                await page.get_by_role("link", name="Mine").click()
                await expect(page.locator("tr[data-live]")).to_have_count(0)
                await does("third", "assign", assignee=f"account:{ann}")
                await page.get_by_role("button", name="One new: show it").click()
                await expect(page.get_by_role("link", name="The third")).to_be_visible()
                await page.goto("/tickets")
                await page.get_by_role("link", name="No picture at night").click()
                await page.get_by_label("Write something").fill("Half a sen")
                await does("old", "comment", text="It is the lens.")
                await expect(page.get_by_text("It is the lens.")).to_be_visible(timeout=WITHIN_MS)
                assert await page.get_by_label("Write something").input_value() == "Half a sen"
                state = await page.context.storage_state()
            context = await browser.new_context(
                base_url=url, ignore_https_errors=True, storage_state=state
            )
            page, other = (
                await context.new_page(),
                await browser.new_page(base_url=url, ignore_https_errors=True),
            )
            async with page.expect_request(lambda one: "/live?" in one.url):
                await page.goto("/tickets/old")
            await expect(page.get_by_text("It is the lens.")).to_be_visible()
            kill()  # the browser complains of the connection, and goes on at the other one
            await does("old", "comment", text="Another word.")
            await expect(page.get_by_text("Another word.")).to_be_visible(timeout=WITHIN_MS)
            await does("old", "comment", text="A third one.")
            await expect(page.get_by_text("A third one.")).to_be_visible(timeout=WITHIN_MS)
            hub = consoles[1].app.state.live
            await page.evaluate(SHOWN, False)
            await until(lambda: not hub._listeners)
            await does("old", "comment", text="While nobody looked.")
            await page.evaluate(SHOWN, True)
            missed = page.get_by_text("While nobody looked.")
            await expect(missed).to_be_visible(timeout=WITHIN_MS)
            await other.goto("/tickets/old")
            await enter(other, "bo@example.org")
            seen = other.get_by_text("Ann looks at this too")
            await expect(seen).to_be_visible(timeout=WITHIN_MS)
            await context.close()
            await other.close()
        relay.stop()
        await leading
        await producer.stop()
