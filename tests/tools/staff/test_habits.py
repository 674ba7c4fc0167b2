"""What customers do with mails in the demo."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from tools.staff.habits import Act, act_on, habit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAVE = "http://127.0.0.1:1/leave/abc"
LINK = "http://127.0.0.1:1/go/a-secret_of_43_letters_that_is_no_secret_at_all/0123456789abcdef"


def mail(to, *, links=True):
    letter = EmailMessage()
    letter["To"], letter["Date"], letter["Message-ID"] = to, NOON, "<1@example.org>"
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
    assert set(counted) == {"ignore", "open", "click", "leave"}
    assert 500 < counted["click"] < 800
    assert 20 < counted["leave"] < 120
    assert [habit(to) for to in habits] == [habit(to) for to in habits]


def test_who_clicks_opens_a_link_hours_later_and_who_leaves_leaves():
    act = act_on(mail(somebody("click")))
    assert act == act_on(mail(somebody("click")))
    assert (act.url, act.leaves) == (LINK, False)
    assert timedelta(hours=1) <= act.at - NOON <= timedelta(hours=30)
    assert act_on(mail(somebody("leave"))) == Act(act.at, LEAVE, leaves=True)
    assert act_on(mail(somebody("click"), links=False)) is None
    assert act_on(mail(somebody("open"))) is None
