"""What customers do with mails in the demo."""

import email
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default

import httpx

from tools.staff.habits import Act, act_on, habit
from tools.staff.readers import Readers

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAVE = "http://127.0.0.1:1/leave/abc"
LINK = "http://127.0.0.1:1/go/a-secret_of_43_letters_that_is_no_secret_at_all/0123456789abcdef"


def mail(to, *, links=True, id_="<1@example.org>"):
    letter = EmailMessage()
    letter["To"], letter["Date"], letter["Message-ID"] = to, NOON, id_
    letter["List-Unsubscribe"] = f"<{LEAVE}>"
    letter.set_content(
        f"Hello, a long line of words that is folded where it is sent: {LINK if links else 'no'}."
    )
    return letter.as_bytes()


def somebody(kind):
    return next(to for n in range(1_000) if habit(to := f"{n}@example.com") == kind)


def test_people_have_habits_of_every_kind_and_keep_them():
    habits = [f"{n}@example.com" for n in range(2_000)]
    counted = Counter(map(habit, habits))
    assert set(counted) == {"ignore", "open", "reply", "click", "leave"}
    assert 500 < counted["click"] < 800
    assert 20 < counted["leave"] < 120
    assert [habit(to) for to in habits] == [habit(to) for to in habits]


def test_who_clicks_opens_a_link_hours_later_and_who_leaves_leaves():
    act = act_on(mail(somebody("click")))
    assert act == act_on(mail(somebody("click")))
    assert (act.url, act.does) == (LINK, "opens")
    assert timedelta(hours=1) <= act.at - NOON <= timedelta(hours=30)
    assert act_on(mail(somebody("leave"))) == Act(act.at, LEAVE, "leaves")
    assert act_on(mail(somebody("click"), links=False)) is None
    assert act_on(mail(somebody("open"))) is None


def test_some_reply_to_some_mails_by_their_message_id():
    replies = somebody("reply")
    acts = [act_on(mail(replies, id_=f"<{n}@x>")) for n in range(500)]
    told = [act for act in acts if act is not None]
    assert {act.does for act in told} == {"replies"}
    assert {act.url for act in told} <= {f"<{n}@x>" for n in range(500)}
    assert 100 < len(told) < 200


BOOK = "http://127.0.0.1:1/book/a-secret_of_43_letters_that_is_no_secret_at_all"


def about_a_call(to, n, *, agreed=False):
    letter = email.message_from_bytes(mail(to, links=False, id_=f"<{n}@x>"), policy=default)
    letter.set_content(f"Choose here: {BOOK}")
    if agreed:
        del letter["List-Unsubscribe"]
    return letter.as_bytes()


def test_many_choose_a_time_on_the_same_day_and_few_change_it():
    opens = somebody("open")
    invited = [act_on(about_a_call(opens, n)) for n in range(500)]
    books = [act for act in invited if act is not None]
    assert {(act.does, act.url) for act in books} == {("books", BOOK)}
    assert 300 < len(books) < 400
    assert max(act.at for act in books) <= NOON + timedelta(hours=8)
    agreed = [act_on(about_a_call(opens, n, agreed=True)) for n in range(500)]
    counted = Counter(act.does if act else "keeps" for act in agreed)
    assert 20 < counted["moves"] < 90
    assert 20 < counted["cancels"] < 90
    assert counted["keeps"] > 300
    assert act_on(about_a_call(somebody("ignore"), 1)) is None


async def test_who_is_invited_chooses_one_of_the_times_of_the_page_and_changes_it_once_it_is_agreed(
    tmp_path,
):
    sent, agreed = [], False

    def page(request: httpx.Request) -> httpx.Response:
        nonlocal agreed
        if request.method == "GET":
            times = '<button name="at" value="100">09:00</button><button name="at" value="200">'
            return httpx.Response(200, text='<p class="when">' * agreed + times)
        sent.append((request.url.path, request.content.decode()))
        agreed = not request.url.path.endswith("/cancel")
        return httpx.Response(303)

    readers = Readers(tmp_path, "http://127.0.0.1:1")
    await readers.close()
    readers._http = httpx.AsyncClient(transport=httpx.MockTransport(page))
    heard = [Act(NOON, BOOK, "moves", 0.1), Act(NOON, BOOK, "books", 0.9), Act(NOON, BOOK, "books", 0.1),
             Act(NOON, BOOK, "moves", 0.1), Act(NOON, BOOK, "cancels")]  # fmt: skip
    for act in heard:
        await readers._do(act)
    await readers.close()
    path = httpx.URL(BOOK).path
    assert sent == [(path, "at=200"), (path, "at=100"), (f"{path}/cancel", "")]
    assert readers.booked == 2


async def test_a_reply_is_told_as_whatever_gets_them_and_never_its_words(tmp_path):
    asked = []

    def told(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, request.content, request.headers.get("authorization")))
        return httpx.Response(202)

    readers = Readers(tmp_path, "http://127.0.0.1:1", httpx.BasicAuth("mailbox", "key"))
    await readers.close()
    readers._http = httpx.AsyncClient(
        transport=httpx.MockTransport(told), base_url="http://127.0.0.1:1"
    )
    await readers._do(Act(NOON, "<1@x>", "replies"))
    await readers.close()
    ((path, content, authorised),) = asked
    assert (path, content) == ("/v1/replies", b'{"message":"<1@x>"}')
    assert authorised.startswith("Basic ")
    assert readers.replied == 1
