"""Runs as rows, for what is counted of many."""

from datetime import timedelta

from sqlalchemy import text

from tests.journey.engine import with_address

INSERT = text("""
    INSERT INTO run (id, customer, play, subject, rotation, cause, entered_at, version, state, step,
                     visit, since, ending, ended_at, lines, control)
    SELECT id, id, :play, '', 0, 'x', :at, :version, :state, NULL, 1, :at, :ending, :ended, 1, :control
    FROM unnest(CAST(:ids AS text[])) AS id
""")


async def run_rows(engine, play, entered, groups, name="o"):
    """Runs of customers of their own.

    Args:
        name: their ids begin with it.
        groups: control, version, ending (None: under way), days to it, how many.
    """
    for number, (control, version, ending, days, many) in enumerate(groups):
        ids = [f"{name}-{number}-{n}" for n in range(many)]
        await with_address(engine, *ids)
        ended = None if days is None else entered + timedelta(days=days, hours=1)
        async with engine.begin() as connection:
            await connection.execute(INSERT, {
                "play": play, "at": entered, "version": version, "ids": ids, "ending": ending,
                "state": "active" if ending is None else "ended", "ended": ended, "control": control,
            })  # fmt: skip
