"""The words the run loop knows: bad for ever, not now, and stop; and what services refuse."""

from typing import ClassVar

from typing_extensions import override


class PlaycallerError(Exception):
    """Base of everything we raise on purpose."""


class Unprocessable(PlaycallerError):
    """This record can never be handled: it goes to quarantine with `reason`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class TryLater(PlaycallerError):
    """A server we need is away: nothing is lost, the same work is tried again.

    Attributes:
        title, detail: what a client may learn of it.
        retry_s: when asking again makes sense.
    """

    title = "A server this service needs is away"
    detail = "Nothing was changed. Send the same request again."
    retry_s = 5


class BadSettings(PlaycallerError):
    """A setting is missing, unknown or malformed: the start stops and names it."""


class Refusal(PlaycallerError):
    """What a service does not do, and why; the text is for whoever asked.

    One of our own kinds is a class of its own, with its HTTP status in `wiring.py`; what may happen
    to any noun is one of the three below, whose status `shared/web/problems.py` knows.

    Attributes:
        title: of the problem, where its kind alone does not say it.
    """

    title: ClassVar[str] = ""

    @property
    def kind(self) -> str:
        """The word by which programs know it, e.g. `ticket_resolved`."""
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class _OfNoun(Refusal):
    """A refusal that any noun can meet.

    Attributes:
        noun: one word of the glossary, e.g. `ticket`; the problem's type begins with it.
        id: which one was meant.
    """

    suffix: ClassVar[str]

    def __init__(self, noun: str, id_: str, text: str) -> None:
        super().__init__(text)
        self.noun = noun
        self.id = id_

    @property
    @override
    def kind(self) -> str:
        return f"{self.noun}_{self.suffix}"


class NotFound(_OfNoun):
    """There is none with this id, or none that the caller may see."""

    suffix = "not_found"

    def __init__(self, noun: str, id_: str, text: str = "") -> None:
        super().__init__(noun, id_, text or f"no {noun} {id_}")


class Exists(_OfNoun):
    """There is one with this id already."""

    suffix = "exists"

    def __init__(self, noun: str, id_: str, text: str = "") -> None:
        super().__init__(noun, id_, text or f"{noun} {id_} is there already; choose another id")


class ChangedSince(_OfNoun):
    """It is not as the caller has read it (`If-Match`).

    Attributes:
        version: which it has now.
    """

    suffix = "changed_since"

    def __init__(self, noun: str, id_: str, version: int) -> None:
        super().__init__(noun, id_, f"{noun} {id_} is at version {version}; read it again")
        self.version = version
