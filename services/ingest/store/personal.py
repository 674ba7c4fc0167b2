"""What ingest holds of customers, and where of it there is personal data."""

from shared.personal import STAYS, THEIRS, Held, Personal, personal_of

# from the end of the owner before to the beginning of the one after
_WHILE_THEIRS = f"""id IN (
  SELECT r.id FROM reject r JOIN (
    SELECT source, customer, coalesce(lag(until) OVER w, '-infinity') AS lower,
      coalesce(lead(since) OVER w, 'infinity') AS upper
    FROM ownership WHERE source IN (SELECT source FROM ownership WHERE {THEIRS})
    WINDOW w AS (PARTITION BY source ORDER BY since)) o
  ON o.source = r.source AND r.received_at >= o.lower AND r.received_at < o.upper
  WHERE o.{THEIRS})"""  # noqa: S608 - of ours
_DEVICES = f"""SELECT s.id, s.kind, s.model, coalesce(s.runs, s.firmware) AS firmware, s.battery, s.registered_at, s.retired_at,
    o.since, o.until, CASE WHEN o.until IS NULL THEN s.last_seen END AS last_seen
  FROM ownership o JOIN source s ON s.id = o.source WHERE o.{THEIRS} ORDER BY s.id, o.since"""  # noqa: S608

HELD: tuple[Held, ...] = (
    # an interval is cut by `Erasing.cut` and stays: nobody else gets what is told late
    Held("ownership", erases=STAYS, name="devices_and_apps", query=_DEVICES),
    Held(
        "reject",
        find=_WHILE_THEIRS,
        name="refused",
        gives="id, source, stream, topic, reason, detail, received_at, times, payload",
        order="received_at, id",
        personal=Personal(
            table="reject",
            columns=("payload", "detail", "topic", "source", "stream"),
            whose="customers",
            why="the bytes of what was refused, to find out why and to judge it again; may hold anything",
            kept="14 days, what can be cured 30",
            erased="the rows of the person's devices and apps are deleted",
        ),
    ),
    Held("known_customer"),  # that they exist
)
PERSONAL: tuple[Personal, ...] = personal_of(HELD)
