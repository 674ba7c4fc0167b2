"""Databases as large as a vendor's: 100,000 customers, 120,000 devices, 100,000 tickets, their stories.

Every row is made by the server itself from its number: the same each time, in a minute.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tools.bench.database import vacuum

# What names are made of; `n` counts from 0. Seven stages a customer and three lines a ticket: a million.
_NAMES: Sequence[str] = (
    """CREATE FUNCTION pg_temp.customer(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
      AS $$ SELECT 'c-' || lpad((n % 100000)::text, 6, '0') $$""",
    """CREATE FUNCTION pg_temp.device(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
      AS $$ SELECT 'cam-' || lpad(n::text, 6, '0') $$""",
    """CREATE FUNCTION pg_temp.ago(n bigint) RETURNS timestamptz LANGUAGE sql STABLE
      AS $$ SELECT now() - make_interval(mins => (n % 130000)::int) $$""",
    """CREATE FUNCTION pg_temp.stage(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
      AS $$ SELECT (ARRAY['purchased', 'onboarding', 'first use', 'engaged', 'advocate', 'lapsed'])
        [1 + n % 6] $$""",
)

FILLS: Mapping[str, Sequence[str]] = {
    "ingest": (
        """INSERT INTO source (id, kind, model, firmware, version, registered_at, last_seen)
        SELECT pg_temp.device(n), 'device', 'cam-' || n % 5, '4.' || n % 9, 2, pg_temp.ago(n),
          pg_temp.ago(n / 100)
        FROM generate_series(0, 119999) n""",
        """INSERT INTO ownership (source, since, customer)
        SELECT pg_temp.device(n), pg_temp.ago(n), pg_temp.customer(n)
        FROM generate_series(0, 119999) n""",
    ),
    "journey": (
        """INSERT INTO customer (id, known, kind, zone, region, stage, stage_since, entries, evaluated,
          uses, last_use, routine_from, routine_to, version, created_at)
        SELECT pg_temp.customer(n), true, 'household', 'Europe/Berlin', 'region-' || n % 12,
          pg_temp.stage(n), pg_temp.ago(n), 7, extract(epoch FROM now())::bigint, 9, 0, 0, 0, 1,
          pg_temp.ago(n)
        FROM generate_series(0, 99999) n""",
        """INSERT INTO customer_profile (customer, name, email)
        SELECT pg_temp.customer(n), 'Person ' || n, 'person.' || n || '@example.org'
        FROM generate_series(0, 99999) n""",
        """INSERT INTO subscription (customer, plan, status, started_at, price_month)
        SELECT pg_temp.customer(n), 'plan-' || n % 4, 'active', pg_temp.ago(n), 4.99
        FROM generate_series(0, 99999) n""",
        """INSERT INTO stage_history (customer, n, at, stage, previous, cause)
        SELECT pg_temp.customer(n), m, pg_temp.ago(n) - make_interval(days => 7 - m),
          pg_temp.stage(m), CASE WHEN m > 0 THEN pg_temp.stage(m - 1) END, 'purchase/p-' || n
        FROM generate_series(0, 99999) n, generate_series(0, 6) m""",
        """INSERT INTO device (id, version, customer, model, firmware)
        SELECT pg_temp.device(n), 2, pg_temp.customer(n), 'cam-' || n % 5, '4.' || n % 9
        FROM generate_series(0, 119999) n""",
    ),
    "support": (
        """INSERT INTO ticket (id, origin, customer, device, subject, state, opened_at, opened_by,
          reopen_count, historical, version, resolved_at, resolution)
        SELECT 't-' || lpad(n::text, 6, '0'), 'person', pg_temp.customer(n), pg_temp.device(n),
          'Picture ' || n || ' is dark', CASE WHEN n % 10 = 0 THEN 'open' ELSE 'resolved' END,
          pg_temp.ago(n), 'operator:bench', 0, false, 1, CASE WHEN n % 10 > 0 THEN pg_temp.ago(n) END,
          CASE WHEN n % 10 > 0 THEN 'fix' END
        FROM generate_series(0, 99999) n""",
        """INSERT INTO ticket_history (id, ticket, at, who, what, detail)
        SELECT 'h-' || n || '-' || m, 't-' || lpad(n::text, 6, '0'), pg_temp.ago(n), 'operator:bench',
          'commented', '{"text": "We look at it", "audience": "internal"}'
        FROM generate_series(0, 99999) n, generate_series(1, 3) m""",
    ),
    "analytics": (
        """INSERT INTO customer (id) SELECT pg_temp.customer(n) FROM generate_series(0, 99999) n""",
        """INSERT INTO region_clock (region, next_day, closed)
        SELECT 'region-' || n, current_date, current_date - 1 FROM generate_series(0, 11) n""",
        """INSERT INTO risk (customer, region, cohort, day, tier, why, since, posterior, drop_stop,
          drop_most, drop_part, expected, recent, usual, baseline, severity, risk, reporting_days,
          silent_days, days_above, factor, weight, dispersion, outage, price_month, at_stake)
        SELECT pg_temp.customer(n), 'region-' || n % 12, 'all', current_date - 1,
          (ARRAY['none', 'none', 'none', 'watch', 'at_risk'])[1 + n % 5], 'usage_drop',
          current_date - 9, 0.5, 0.2, 0.2, 0.1, 2, 1, 3, 3, 0.5, (n % 100) / 100.0, 60, 2, 3, 1, 1, 1,
          false, 4.99, (n % 100) / 20.0
        FROM generate_series(0, 99999) n""",
        """INSERT INTO day_input (customer, day, late, uses, hours, covered_s)
        SELECT pg_temp.customer(n), current_date - d, 0, 1 + (n + d) % 5, 255, 86400
        FROM generate_series(49000, 50999) n, generate_series(1, 56) d""",
    ),
}


async def fill(owners: Mapping[str, str]) -> None:
    """Fill the databases of all services, by their owners' addresses."""
    for name, statements in FILLS.items():
        engine = create_async_engine(owners[name])  # no bound: a million rows are one statement
        async with engine.begin() as connection:
            for statement in (*_NAMES, *statements):
                await connection.execute(text(statement))
        await vacuum(engine)
        await engine.dispose()
