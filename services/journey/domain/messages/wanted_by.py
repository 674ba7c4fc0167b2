"""What a mail's reader said about such mails: the customer, or a contact of an account."""

from collections.abc import Iterable, Sequence

from services.journey.domain.contacts.contact import Contact
from services.journey.domain.messages.left import Left
from services.journey.domain.messages.purpose import Purpose


def left_by(of_account: Iterable[Left], contact: Contact | None) -> Sequence[Left]:
    """What the account left nobody of it gets, and what a contact left they do not get."""
    left = list(of_account)
    if contact is not None:
        left += [Left(topic or None) for topic in contact.consent.left]
    return left


def agreed_by(of_account: Iterable[Purpose], contact: Contact | None) -> Sequence[Purpose]:
    """Each contact is asked themselves: that the account agreed says nothing of them."""
    if contact is not None:
        return [Purpose.PROMOTION] if contact.consent.promotion else []
    return list(of_account)
