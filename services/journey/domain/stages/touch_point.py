"""A touch point: a contact with a customer in a stage, what it is for and what is measured of it."""

from dataclasses import dataclass

CHANNELS = ("in product", "email", "phone", "chat", "meeting")


@dataclass(frozen=True, slots=True)
class TouchPoint:
    """One contact.

    Attributes:
        moment: when it happens, in words.
        message: what the customer is to take away.
        goal: what it is for; measured by the goal of `play`.
        play: the play that does it; None: nobody has written one.
        gives: the value element the customer gets; None: nobody has said.
        look_up: facts that whoever is in contact looks at.
    """

    moment: str
    channel: str
    message: str
    goal: str | None = None
    play: str | None = None
    gives: str | None = None
    look_up: tuple[str, ...] = ()
