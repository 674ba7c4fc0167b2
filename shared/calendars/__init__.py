"""Times of people: when a team works, when a customer sleeps, when nine o'clock is somewhere.

Whatever opens, closes or is quiet is said in wall times of an IANA zone and asked about in UTC. A
moment lies inside when a clock on the wall there shows a time that does: in the hour that a change of
summer time repeats, twice; in the hour it skips, never. Pure: `now` comes in.
"""
