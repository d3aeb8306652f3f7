-- Open tickets that cost nothing, as many as are asked for, of a thousand accounts in turn: each
-- with its first clock running. They were opened over the last thirty days: most are overdue.

CREATE TEMPORARY TABLE seeded AS
SELECT
    'q-' || n % 1000 AS account_id, 'HD-' || n AS ticket_id, (n % 4 + 1)::smallint AS severity,
    {now} - interval '30 days' + n * (interval '30 days' / {tickets}) AS opened_at
FROM generate_series({first}, {last}) AS numbers (n);

INSERT INTO accounts (
    account_id, name, metadata, version, sequence, tallies, events, effective_at, created_at,
    updated_at
)
SELECT
    account_id, 'An account in the queue', '{{}}', 1, 0, 0, 0, min(opened_at), min(opened_at),
    min(opened_at)
FROM seeded GROUP BY account_id
ON CONFLICT DO NOTHING;

INSERT INTO tickets (
    account_id, ticket_id, request, subject, status, channel, severity, urgent, variables, catalog,
    catalog_version, promise_version, plan, rank, on_demand, promised, extra_calendars, trace,
    charge_status, charge_amount, charge_held, overage_amount, opened_at, last_event_at, events,
    unanswered, queue_group, next_metric, next_strength, due_at, breaches_after, warn_at, version,
    created_at
)
SELECT
    account_id, ticket_id, jsonb_build_object('severity', severity, 'urgent', false),
    'Checkout fails', 'open', 'ticket', severity, false, '{{}}', 'livecart', 1, 1, 'express', 1,
    false, true, '{{}}', '[]', 'none', 0, 0, 0, opened_at, opened_at, 0,
    true, 0, 'first_response', 'guaranteed', opened_at + interval '1 day',
    opened_at + interval '1 day', opened_at + interval '18 hours', 1, opened_at
FROM seeded;

INSERT INTO deadlines (
    account_id, ticket_id, metric, spell, catalog, plan, severity, status, strength, started_at,
    warn_at, due_at, breaches_after, excused, used_seconds, told, notify_at
)
SELECT
    account_id, ticket_id, 'first_response', 1, 'livecart', 'express', severity, 'running',
    'guaranteed', opened_at, opened_at + interval '18 hours', opened_at + interval '1 day',
    opened_at + interval '1 day', false, 0,
    CASE
        WHEN opened_at + interval '1 day' < {now} THEN 'breached'
        WHEN opened_at + interval '18 hours' <= {now} THEN 'at_risk'
    END,
    CASE
        WHEN opened_at + interval '1 day' < {now} THEN NULL
        WHEN opened_at + interval '18 hours' <= {now} THEN opened_at + interval '1 day'
        ELSE opened_at + interval '18 hours'
    END
FROM seeded;

DROP TABLE seeded;
