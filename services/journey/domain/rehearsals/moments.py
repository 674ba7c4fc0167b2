"""When a rehearsed customer has to be looked at: what begins runs, and what may move them."""

from services.journey.domain.facts import fact_of
from services.journey.domain.plays.start import Occasion, fits, occasions
from services.journey.domain.rehearsals.life import Played
from services.journey.domain.rehearsals.past import Past


def chances(past: Past, played: Played) -> list[Occasion]:
    """What the play may begin on, in time order."""
    begin, until, happens = played.begin, played.until, played.play.starts.happens
    entries = [entry for entry in past.entries if begin < entry.at <= until]
    marks = {} if happens is None else {happens: fact_of(happens).events(past.state, begin, until)}
    return [occasion for occasion in occasions(entries, marks) if fits(played.play, occasion)]


def moments(past: Past, played: Played, since: int) -> list[int]:
    """When something happened that may move a run."""
    looked_at = {entry.at for entry in past.entries if since <= entry.at <= played.until}
    for fact in played.facts:
        looked_at |= {mark.at for mark in fact_of(fact).events(past.state, since - 1, played.until)}
    return sorted(looked_at)
