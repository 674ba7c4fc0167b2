"""Plays for tests: made of text as a playbook's are."""

from services.journey.domain.plays.read_playbook import read_playbook

STAGES = ["purchased", "onboarding", "first use"]
FACTS = """
- {fact: why bought, says: Why they bought it., question: "Why did you buy it?", values: [security, pets]}
- {fact: contented, says: How contented they are., question: "How was it?", scale: csat}
- {fact: recommends, says: Whether they would recommend us., question: "Would you?", scale: nps}
"""
ASKS = "---\nsubject: A question\ntopic: questions\npurpose: %s\n---\nPlease: {{ answer_url }}\n"
HOURS = '{zone: Europe/Berlin, days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}'
TEAMS = f"""
- {{team: onboarding, says: Helps., roles: [csm]}}
- {{team: callers, says: Calls., roles: [csm], hours: {HOURS}}}
"""
BOOKS = "---\nsubject: When may we call?\ntopic: set-up\npurpose: help\n---\nPlease: {{ booking_url }}\n"
AGREED = """---
subject: "{{ call_news }}: {{ call_at }}"
topic: set-up
purpose: service
---
{{ call_news }} {{ call_at }} {{ booking_url }}
"""
MAIL = "---\nsubject: Hello {{ name }}\ntopic: set-up\npurpose: %s\n---\nHello {{ name }}\n"


def texts(
    *plays: str, purpose: str = "help", webhooks: str = "[]", teams: str = TEAMS,
    linkages: str = "[]", one: str | None = None,
) -> dict[str, str]:  # fmt: skip
    """The files of a playbook with these plays and the messages `one` and `two`."""
    named = {f"plays/{n}.yaml": text for n, text in enumerate(plays)}
    mails = {f"messages/{name}.md": MAIL % purpose for name in ("one", "two")}
    if one is not None:
        mails["messages/one.md"] = one
    mails["messages/asks.md"] = ASKS % purpose
    mails |= {"messages/books.md": BOOKS, "messages/agreed.md": AGREED}
    files = {"teams.yaml": teams, "linkages.yaml": linkages, "webhooks.yaml": webhooks}
    return {**files, "facts.yaml": FACTS, **named, **mails}


def playbook(*plays: str, **more: str):
    """A playbook without problems."""
    made, problems = read_playbook(texts(*plays, **more), STAGES)
    assert problems == []
    return made


def play(steps: str, starts: str = "{stage: onboarding}", more: str = ""):
    """One play of steps in YAML."""
    (made,) = playbook(text(steps, starts, more)).plays.values()
    return made


def text(
    steps: str, starts: str = "{stage: onboarding}", more: str = "", name: str = "help"
) -> str:
    """The file of a play."""
    return f"play: {name}\nsays: Helps.\nstarts: {starts}\n{more}\nsteps:\n{steps}\n"
