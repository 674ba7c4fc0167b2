"""`webhooks.yaml`: programs of others that steps tell."""

import re
from collections.abc import Collection

from services.journey.domain.plays.play import Webhook
from services.journey.domain.plays.reading import Part

URL = re.compile(r"https://[A-Za-z0-9.-]+(:(443|8443))?(/[!-~]*)?")


def read_webhooks(file: Part, facts: Collection[str]) -> dict[str, Webhook]:
    """The webhooks, by name."""
    webhooks: dict[str, Webhook] = {}
    for part in file.items():
        part.fields(("webhook", "says", "url", "facts"), ("webhook", "says", "url"))
        name, url = part.field("webhook").name(), part.field("url").text()
        if name in webhooks:
            part.field("webhook").bad(f"`{name}` is taken")
        if url and URL.fullmatch(url) is None:
            part.field("url").bad("expected https://HOST/... on port 443 or 8443, without user")
        told = tuple(fact.word(facts, "fact") for fact in part.field("facts").items())
        webhooks[name] = Webhook(name, part.field("says").text(), url, told)
    return webhooks
