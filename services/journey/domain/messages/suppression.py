"""Why nothing is sent to an address any more."""

from typing import Literal

Why = Literal[
    "bounced",  #: its mail server says that there is none
    "complained",  #: whoever reads it called a mail of ours unwanted
    "asked",  #: its owner asked for it
]
LIFTED = "lifted"  # what the fact says once somebody has allowed it again
