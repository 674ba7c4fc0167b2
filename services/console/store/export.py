"""What console holds of one of the people who sign in."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import export

# nothing secret, and nobody else: not from where others acted upon them
_QUERIES = {
    "account": """SELECT id, email, name, roles, organisation, state, created_at, version, subject, wishes,
        password_hash IS NOT NULL AS has_password, totp_secret IS NOT NULL AS has_second_factor,
        (SELECT count(*) FROM recovery_code r WHERE r.account = a.id) AS recovery_codes_left
      FROM account a WHERE id = :customer""",
    "sessions": """SELECT id, created_at, seen_at, second_factor_at, address, agent FROM session
      WHERE account = :customer ORDER BY created_at, id""",
    "looking": """SELECT ticket, until FROM looking WHERE account = :customer ORDER BY ticket""",
    "links": """SELECT kind, created_at, expires_at FROM link WHERE account = :customer
      ORDER BY created_at, kind""",
    "mails": """SELECT id, payload ->> 'says' AS kind, state, attempts, planned_at, due_at,
        deadline_at, settled_at FROM effect WHERE about = :customer ORDER BY planned_at, id""",
    "tries": """SELECT split_part(key, ':', 1) AS at, count, last_at FROM tries, (SELECT id,
          encode(sha256(convert_to(email, 'UTF8')), 'hex') AS known FROM account) AS a
      WHERE a.id = :customer AND count > 0 AND (starts_with(key, 'account:' || known || '@')
        OR key IN ('everywhere:' || known, 'mail:' || known, 'code:' || a.id, 'own:' || a.id))
      ORDER BY key""",
    "keys_made": """SELECT id, name, roles, created_at FROM api_key
      WHERE created_by = 'account:' || :customer ORDER BY created_at, id""",
    "acts": """SELECT n, at, action, kind, id, address, request, before, after, why FROM audit
      WHERE who = 'account:' || :customer ORDER BY n""",
    "acted_upon": """SELECT n, at, who, action, before, after, why FROM audit
      WHERE kind = 'account' AND id = :customer AND who <> 'account:' || :customer ORDER BY n""",
}


async def collect(connection: AsyncConnection, account: str) -> dict[str, Any]:
    """Account, sessions, links, mails, tries, keys made, and both sides of the audit."""
    return dict(await export.collect(connection, _QUERIES, account))
