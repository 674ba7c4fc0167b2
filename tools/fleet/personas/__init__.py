"""Every kind of customer, one file each; a new one is a file and a line here.

The shares add up to 1. Drops are 18 % (novelty, stop, decline): a real fleet has fewer, the demo needs
drops to find. Everybody goes on vacation, 4 % a month (`household.py`).
"""

from tools.fleet.personas.app_only import APP_ONLY
from tools.fleet.personas.clock_skewed import CLOCK_SKEWED
from tools.fleet.personas.decline import DECLINE
from tools.fleet.personas.duplicates import DUPLICATES
from tools.fleet.personas.exchanged import EXCHANGED
from tools.fleet.personas.faulty_firmware import FAULTY_FIRMWARE
from tools.fleet.personas.flapping import FLAPPING
from tools.fleet.personas.launch_peak import LAUNCH_PEAK
from tools.fleet.personas.lifo import LIFO
from tools.fleet.personas.novelty import NOVELTY
from tools.fleet.personas.persona import Persona
from tools.fleet.personas.router_outage import ROUTER_OUTAGE
from tools.fleet.personas.steady import STEADY
from tools.fleet.personas.stop import STOP
from tools.fleet.personas.stuck_setup import STUCK_SETUP

PERSONAS: tuple[Persona, ...] = (
    STEADY,
    NOVELTY,
    STOP,
    DECLINE,
    STUCK_SETUP,
    ROUTER_OUTAGE,
    FAULTY_FIRMWARE,
    FLAPPING,
    CLOCK_SKEWED,
    LIFO,
    DUPLICATES,
    EXCHANGED,
    LAUNCH_PEAK,
    APP_ONLY,
)

__all__ = ["PERSONAS", "Persona"]
