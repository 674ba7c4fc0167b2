"""What this service refuses."""

from shared.errors import PlaycallerError


class ConsoleError(PlaycallerError):
    """Base of the refusals."""


class BadRoles(ConsoleError):
    """Roles that nobody can have together."""


class PasswordRefused(ConsoleError):
    """The new password is too easy to guess."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Choose another password: {why}.")


class SignInRefused(ConsoleError):
    """Not signed in; the text never says which part was wrong."""

    def __init__(self) -> None:
        super().__init__("E-mail address, password or code is not right, or the account is closed.")


class TooManyTries(ConsoleError):
    """Wrong too often; the next try is taken later."""

    def __init__(self, wait_s: float) -> None:
        self.retry_s = max(1, round(wait_s + 0.5))
        super().__init__(f"Too many tries. The next one is taken in {self.retry_s} s.")


class LinkNotGood(ConsoleError):
    """A link was used, has expired, or never was one."""

    def __init__(self) -> None:
        super().__init__("The link is not good, or not any more: ask for a new one.")


class SealBroken(ConsoleError):
    """What the database keeps sealed cannot be opened: another key, another row, or spoilt."""

    def __init__(self) -> None:
        super().__init__("a sealed text cannot be opened")


class NoSecondFactor(ConsoleError):
    """There is no second factor to use or confirm."""

    def __init__(self) -> None:
        super().__init__("Set up a second factor first: POST /v1/me/second-factor.")


class SecondFactorRequired(ConsoleError):
    """The account's roles want a second factor: it cannot be taken away."""

    def __init__(self) -> None:
        super().__init__("Your roles want a second factor; set up another one in its place.")


class StepUpNeeded(ConsoleError):
    """A sensitive act wants a second factor given a moment ago."""

    def __init__(self) -> None:
        super().__init__(
            "Give a code first: POST /v1/me/step-up. Then send this again. Without a second factor "
            "yet: POST /v1/me/second-factor."
        )


class LastAdmin(ConsoleError):
    """Without this account nobody could make accounts any more."""

    def __init__(self) -> None:
        super().__init__("This is the last active admin; make another one first.")


class ReasonNamesPerson(ConsoleError):
    """The reason of an erasure says who is meant, and it is kept."""

    def __init__(self) -> None:
        super().__init__("body.reason: a case number or a word; it is kept for good.")


class TwoKeysActive(ConsoleError):
    """Two keys of a name are enough to change from one to the other."""

    def __init__(self, name: str, ids: list[str]) -> None:
        super().__init__(f"{name} has two active keys ({', '.join(ids)}): revoke one first")


class BadKey(ConsoleError):
    """Rights that no key can have."""


class ProviderRefused(ConsoleError):
    """What the OpenID provider sent does not prove who somebody is; the log knows why.

    Args:
        said: what the answer says, where it helps whoever runs the provider and no stranger.
    """

    def __init__(self, why: str, said: str | None = None) -> None:
        super().__init__(
            said or "The sign-in was not accepted. Begin again, or ask an admin to invite you."
        )
        self.why = why


class GroupsIncomplete(ProviderRefused):
    """The provider left groups out of its token: roles would be judged by a part of them."""

    def __init__(self, claim: str) -> None:
        super().__init__(
            f"groups overage: {claim} is not in the token",
            f"You are in more groups than the provider puts into a token: `{claim}` is not complete. "
            "Its admin confines the claim to the groups of this application, then sign in again.",
        )
