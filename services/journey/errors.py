"""What journey refuses, beside what any noun can meet."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from shared.errors import Refusal, TryLater


class JourneyError(Refusal):
    """Base of what journey refuses."""


class CustomerErased(JourneyError):
    """The customer is erased, and this id is nobody's for good."""

    def __init__(self, customer: str) -> None:
        super().__init__(f"customer {customer} is erased; a new customer needs a new id")
        self.customer = customer


class HouseholdHasNoContacts(JourneyError):
    """Only a business account has contacts."""

    title: ClassVar = "A household has no contacts"

    def __init__(self, customer: str) -> None:
        super().__init__(f"customer {customer} is a household; its profile says how to reach it")


class TooManyContacts(JourneyError):
    """An account has as many contacts as its page can show."""

    title: ClassVar = "As many contacts as an account can have"

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} contacts at most; remove those who have left")


class TermInUse(JourneyError):
    """A renewal renews what this term set: withdraw the renewal first."""

    def __init__(self, term: str) -> None:
        super().__init__(f"term {term} was renewed; withdraw its renewals first")


class ReasonNamesPerson(JourneyError):
    """A reason says who is meant, and it is kept."""

    title: ClassVar = "The reason says who is meant"

    def __init__(self) -> None:
        super().__init__("body.reason: a case number or a word; it is kept for good")


class TemplateFailed(JourneyError):
    """A message cannot be written for somebody."""

    def __init__(self, message: str, error: Exception) -> None:
        super().__init__(f"message {message}: {error}; change its template in the play's draft")


class NotUnderstood(JourneyError):
    """What a shop sent cannot be understood, or not be done: where and why, never a value."""


class DeliveryIdReused(JourneyError):
    """A shop sent something else under an id that it has used."""

    title: ClassVar = "The id was used for another webhook"

    def __init__(self) -> None:
        super().__init__("webhook-id: one for each event, the same for each try of it")


class TooManyTests(JourneyError):
    """Somebody has sent themselves and others enough mails to look at."""

    retry_s = 600

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} tests an hour are enough; look at the page of the message instead"
        )


class KeptTooMany(TryLater):
    """So much is kept that cannot be done that a shop had better send it later."""

    title = "Too much waits to be understood"
    detail = "Nothing was kept of this. On-call sees what waits; send it again later."
    retry_s = 600


class OfferNotMade(JourneyError):
    """Something speaks against offering this to this customer."""

    def __init__(self, why: str, says: str) -> None:
        super().__init__(f"{why}: {says}")


class OfferNotOpen(JourneyError):
    """Something has become of the offer already."""

    def __init__(self, state: str) -> None:
        super().__init__(f"it is {state}")


class PartMissing(JourneyError):
    """A service did not give its part of an export: then there is none, rather than a gap."""

    retry_s = 5

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} did not give its part; nothing was exported, try again")
        self.service = service


class PartsUnknown(JourneyError):
    """This installation's settings do not say where the other services are: there is no export."""

    def __init__(self) -> None:
        super().__init__(
            "nothing was exported: where the other services' parts are is not set; set "
            "JOURNEY_INGEST_URL, JOURNEY_SUPPORT_URL, JOURNEY_ANALYTICS_URL, JOURNEY_CONSOLE_URL and "
            "JOURNEY_CLIENT_KEY_FILE"
        )


class UnknownProducts(JourneyError):
    """Products name others that are not in the catalogue; nothing was changed."""

    title: ClassVar = "A product names another one that there is not"

    def __init__(self, wrong: Sequence[str]) -> None:
        super().__init__("; ".join(wrong))


class NotYourTeam(JourneyError):
    """The task is another team's."""

    title: ClassVar = "The task is another team's"

    def __init__(self, team: str) -> None:
        super().__init__(f"people of {team} do it")


class NotYourTask(JourneyError):
    """Somebody else has the task."""

    title: ClassVar = "Somebody else has the task"

    def __init__(self, task: str) -> None:
        super().__init__(f"task {task} is somebody else's; they, a lead or an admin give it back")


class TaskOver(JourneyError):
    """The task is done, or needed no more."""

    title: ClassVar = "The task is over"

    def __init__(self, task: str) -> None:
        super().__init__(f"task {task} is done or needed no more")


class UnknownAnswer(JourneyError):
    """Nothing like that can be answered."""

    title: ClassVar = "No answer to this question"

    def __init__(self) -> None:
        super().__init__("answer: one of those on the page")


class UnknownPlay(JourneyError):
    """There is no such play."""

    title: ClassVar = "There is no such play"

    def __init__(self, says: str) -> None:
        super().__init__(f"no play of this name; {says}")


class HistoryNotKept(JourneyError):
    """A rehearsal asks for more of the past than there is."""

    title: ClassVar = "So much of the past is not kept"

    def __init__(self, days: int, since: date) -> None:
        super().__init__(f"history: 1 to {days} days; what is kept begins at {since}")


class PlaybookWrong(JourneyError):
    """A playbook that was sent along is good for nothing."""

    title: ClassVar = "Something is wrong with the playbook"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))


class UnknownLinkage(JourneyError):
    """The task's team has no such linkage."""

    title: ClassVar = "No linkage of the task's team"

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(f"body.linkage: one of {', '.join(known) or 'none: it has none'}")


class UnknownTeam(JourneyError):
    """The playbook has no such team."""

    title: ClassVar = "There is no such team"

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(f"body.team: one of {', '.join(known)}")


class UnknownSkill(JourneyError):
    """The team has no word for such a skill."""

    title: ClassVar = "No skill of this team"

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(f"body.skills: words of {', '.join(known) or 'none: it has none'}")


class NoTaskStep(JourneyError):
    """The play has no step of this name that asks a team for something."""

    title: ClassVar = "No step that a team does"

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(
            f"body.step: one of {', '.join(known) or 'none: no team has a task in it'}"
        )


class PlayNotSo(JourneyError):
    """The play stands otherwise than what is asked for needs."""

    title: ClassVar = "The play does not stand like that"

    def __init__(self, play: str, state: str, needs: Sequence[str]) -> None:
        super().__init__(
            f"play {play} is {state}; this can be done when it is {' or '.join(needs)}"
        )


class OwnDraft(JourneyError):
    """Whoever wrote on a draft does not approve it."""

    title: ClassVar = "A second person approves it"

    def __init__(self, play: str) -> None:
        super().__init__(f"you wrote on the draft of {play}; somebody who did not approves it")


class DraftNotSo(JourneyError):
    """The draft is not as far as what is asked for needs."""

    title: ClassVar = "The draft is not so far"

    def __init__(self, play: str, state: str, needs: str) -> None:
        said = {"draft": "written", "asked": "to be approved", "approved": "approved"}[state]
        super().__init__(f"the draft of {play} is {said}; {needs}")


class DraftOutdated(JourneyError):
    """Another version was published since the draft was begun."""

    title: ClassVar = "There is another version since"

    def __init__(self, play: str, based_on: int, version: int) -> None:
        super().__init__(
            f"the draft of {play} began with version {based_on}, and it is at version {version}; look "
            "at what differs and save the draft again"
        )


class FilesNotKept(JourneyError):
    """An earlier version cannot be played again."""

    title: ClassVar = "The files of this version were not kept"

    def __init__(self, play: str, version: int) -> None:
        super().__init__(
            f"version {version} of {play} was published by a release that kept no files"
        )


class UnknownResult(JourneyError):
    """Nothing like that can come of the task."""

    title: ClassVar = "No result of this task"

    def __init__(self, result: str, results: Sequence[str]) -> None:
        del result  # people may have written it
        super().__init__(f"body.result: one of {', '.join(results)}")
