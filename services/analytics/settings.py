"""What an operator of analytics may turn: nothing of its own yet."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Immutable; a misspelt or missing variable stops the start and is named."""
