"""What a message is for, and by which way it goes: what rules of sending are written about."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a message is for."""

    #: helps with something the customer is at right now
    HELP = "help"
    #: tells of the service itself: an outage, a change, an answer
    SERVICE = "service"
    #: belongs to something the customer did: a receipt, a return, a password
    TRANSACTIONAL = "transactional"
    #: would sell something, or have a friend told
    PROMOTION = "promotion"
    #: asks for an opinion
    SURVEY = "survey"
    #: speaks of the end of a term
    RENEWAL = "renewal"


class Channel(StrEnum):
    """The way a message goes."""

    #: to the address of the customer or contact
    EMAIL = "email"
    #: inside the app, over MQTT
    APP = "app"


#: Owed to the customer: they can be neither left nor held.
OWED = frozenset({Purpose.SERVICE, Purpose.TRANSACTIONAL})
#: What nobody wants to hear while a camera is broken.
HELD_IN_TROUBLE = frozenset({Purpose.PROMOTION, Purpose.SURVEY, Purpose.RENEWAL})
#: What a customer must have agreed to beforehand; of the rest they may take themselves out.
OPT_IN = frozenset({Purpose.PROMOTION})
