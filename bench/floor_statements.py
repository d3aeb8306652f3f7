"""What opening a ticket does to the database at the very least: two statements.

`LOCK_AND_READ` and `WRITE` are those of a transaction; `READ_AS_IT_IS` and `WRITE_GUARDED` do
without one, where the account has not moved between them.

Parameters are written `:name`, as pgbench takes them; the driver's own form is made of that.
The same rows are written as by ours, so that the ledger is as true afterwards; `bench.same_rows`
looks whether they are.
"""

import re

LOCK_AND_READ = """
SELECT a.sequence, l.lot_id, l.subscription_id, l.expires_at, l.granted, l.held, l.used,
       s.plan, s.catalog_version, t.tally_id, k.ticket_id AS seen
FROM accounts a
JOIN lots l ON l.account_id = a.account_id AND l.expires_at > now()
JOIN subscriptions s ON s.account_id = a.account_id AND s.subscription_id = l.subscription_id
JOIN tallies t ON t.account_id = a.account_id AND t.tally_id = l.tally_id
LEFT JOIN tickets k ON k.account_id = a.account_id AND k.ticket_id = :ticket
WHERE a.account_id = :account
ORDER BY l.expires_at LIMIT 1
FOR UPDATE OF a
"""

WRITE = """
WITH account AS (
    UPDATE accounts
    SET sequence = sequence + 1, events = events + 3,
        effective_at = greatest(effective_at, clock_timestamp())
    WHERE account_id = :account
    RETURNING *
), lot AS (
    UPDATE lots SET held = held + 1 WHERE account_id = :account AND lot_id = :lot RETURNING *
), tally AS (
    UPDATE tallies SET held = held + 1 WHERE account_id = :account AND tally_id = 1 RETURNING *
), entry AS (
    INSERT INTO entries (
        account_id, sequence, kind, lot_id, tally_id, unit, amount, granted, held, used, revoked,
        lot_granted, lot_held, lot_used, lot_revoked, tally_granted, tally_held, tally_used,
        tally_revoked, valid_from, expires_at, effective_at, clock_at, recorded_at, ticket_id,
        actor
    )
    SELECT a.account_id, a.sequence, 'hold', l.lot_id, 1, 'incident', 1, 0, 1, 0, 0,
           l.granted, l.held, l.used, l.revoked, t.granted, t.held, t.used, t.revoked,
           l.valid_from, l.expires_at, a.effective_at, a.effective_at, a.effective_at, :ticket,
           'bench'
    FROM account a, lot l, tally t
), ticket AS (
    INSERT INTO tickets (
        account_id, ticket_id, request, subject, status, channel, urgent, variables, catalog,
        catalog_version, promise_version, plan, subscription_id, rank, on_demand, promised,
        extra_calendars, trace, charge_status, charge_unit, charge_amount, charge_held,
        overage_amount, opened_at, last_event_at, events, unanswered, queue_group, next_metric,
        next_strength, due_at, breaches_after, warn_at, version, created_at
    )
    SELECT account_id, :ticket, CAST(:request AS jsonb), 'Checkout fails', 'open', 'ticket',
           false, '{}', 'livecart', 1, 1, 'express', CAST(:subscription AS uuid), 1, false, true,
           '{}', CAST(:trace AS jsonb), 'held', 'incident', 1, 1, 0, effective_at, effective_at, 0,
           true, 0, 'first_response', 'guaranteed', effective_at + interval '1 day',
           effective_at + interval '1 day', effective_at + interval '18 hours', 1, effective_at
    FROM account
), event AS (
    INSERT INTO events (account_id, number, event_id, type, at, recorded_at, data, sandbox)
    SELECT account_id, events + place, gen_random_uuid(), type, effective_at, effective_at,
           CAST(data AS json), false
    FROM account, (
        VALUES
            (-2, 'ticket.opened', CAST(:opened AS text)),
            (-1, 'ticket.charged', CAST(:charged AS text)),
            (0, 'account.summary_changed', CAST(:changed AS text))
    ) AS happened (place, type, data)
)
INSERT INTO deadlines (
    account_id, ticket_id, metric, spell, catalog, plan, status, strength, started_at, warn_at,
    due_at, breaches_after, excused, used_seconds, notify_at
)
SELECT account_id, :ticket, 'first_response', 0, 'livecart', 'express', 'running', 'guaranteed',
       effective_at, effective_at + interval '18 hours', effective_at + interval '1 day',
       effective_at + interval '1 day', false, 0, effective_at + interval '18 hours'
FROM account
"""

READ_AS_IT_IS = LOCK_AND_READ.replace("a.sequence,", "a.sequence, a.lock_version,").replace(
    "FOR UPDATE OF a\n", ""
)
_GUARD = ") SELECT 1 / (SELECT count(*) FROM account)"
WRITE_GUARDED = (  # the same but for its account and its end
    WRITE.replace("events = events + 3,", "events = events + 3, lock_version = lock_version + 1,")
    .replace(
        "WHERE account_id = :account\n    RETURNING",
        "WHERE account_id = :account AND lock_version = CAST(:version AS bigint)\n    RETURNING",
        1,
    )
    .replace(")\nINSERT INTO deadlines", "), deadline AS (\nINSERT INTO deadlines")
    + _GUARD
)

READ = """
SELECT lot_id, subscription_id, plan, granted, held, used, revoked, valid_from, expires_at
FROM lots WHERE account_id = :account AND furthest_end > now()
"""

# The pages across accounts: the rows that they show, in their order, and one more.
SELECTS = {
    "read_queue": """
SELECT k.account_id, k.ticket_id, k.subject, k.status, k.waiting_on, k.unanswered, k.channel,
       k.severity, k.urgent, k.category, k.topic, k.site, k.opened_at, k.catalog,
       k.catalog_version, k.plan, k.subscription_id, k.rank, k.on_demand, k.charge_status,
       k.charge_unit, k.charge_amount, k.charge_held, k.overage_amount, k.next_metric,
       k.next_strength, k.due_at, k.breaches_after, k.warn_at, k.queue_group,
       (SELECT name FROM accounts a WHERE a.account_id = k.account_id) AS account_name,
       c.open, c.paused
FROM tickets k, (
    SELECT count(*) AS open, count(*) FILTER (WHERE queue_group = 2) AS paused
    FROM tickets WHERE status <> 'resolved'
) c
WHERE k.status <> 'resolved'
ORDER BY k.queue_group, k.on_demand,
    coalesce(k.breaches_after, '9999-12-31 00:00:00+00'::timestamptz), (NOT k.urgent),
    coalesce(k.severity, 99), coalesce(k.rank, 99), k.opened_at, k.account_id, k.ticket_id
LIMIT 51
""",
    "list_deadlines": """
SELECT d.account_id, d.ticket_id, d.catalog, d.plan, d.severity, d.metric, d.strength, d.status,
       d.started_at, d.warn_at, d.due_at, d.breaches_after, d.met_at, d.breached_at, d.missed_at,
       d.excused, k.subject, k.channel, a.name
FROM (
    SELECT * FROM deadlines WHERE status = 'running' AND breaches_after > now()
    ORDER BY coalesce(breaches_after, due_at, '9999-12-31 00:00:00+00'::timestamptz), account_id,
        ticket_id, metric, spell
    LIMIT 51
) d
JOIN tickets k USING (account_id, ticket_id)
JOIN accounts a USING (account_id)
""",
}

# What the events say: as much as ours do.
OPENED = {
    "ticket_id": "HD-1",
    "catalog": "livecart",
    "plan": "express",
    "subscription_id": "01a200f5-7073-7781-a33d-48e3c095a030",
    "channel": "ticket",
    "severity": None,
    "urgent": False,
    "category": None,
    "on_demand": False,
    "opened_at": "2026-11-22T01:53:35.033720Z",
}
CHARGED = {
    "ticket_id": "HD-1",
    "catalog": "livecart",
    "plan": "express",
    "subscription_id": "01a200f5-7073-7781-a33d-48e3c095a030",
    "unit": "incident",
    "amount": 1,
    "sequence": 3,
    "charge_amount": 1,
    "session_id": None,
    "work_id": None,
}

_PARAMETER = re.compile(r"(?<!:):([a-z]+)")


def for_driver(statement: str) -> tuple[str, tuple[str, ...]]:
    """Return the statement with `$1`, `$2` … for its parameters, and their names in order."""
    names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names


def for_pgbench(values: dict[str, str]) -> str:
    """Return a pgbench script of the two statements in one transaction.

    `values` are the expressions that take the parameters' places; what the first statement
    finds is theirs as `:lot_id` and `:subscription_id`.
    """

    def fill(statement: str) -> str:
        return _PARAMETER.sub(lambda found: values[found[1]], statement).strip()

    return f"BEGIN;\n{fill(LOCK_AND_READ)}\n\\gset\n{fill(WRITE)};\nEND;\n"


CHANGED = {"because": ["ticket.opened", "ticket.charged"], "sequence": 3}
