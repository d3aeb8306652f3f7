-- An account with a long past, as the ledger would have written it: some of its lots at a time,
-- those that `seed` says.
--
-- A lot with a life takes 100 entries: its grant, and nine tickets of eleven movements each. A
-- ticket holds 2, gives 1 back and takes it again four times, gives 1 back, and settles 1. Lots
-- are granted one after the other, `step * 100` apart. The last ten have room for more.

CREATE TEMPORARY TABLE seeded ON COMMIT DROP AS
SELECT
    account_id, entries_a_lot, reach_days, step, k,
    ('01900000-0000-7000-8000-' || lpad(to_hex(k), 12, '0'))::uuid AS lot_id,
    ('01900000-0000-7000-9000-' || lpad(to_hex(k), 12, '0'))::uuid AS subscription_id,
    begins_at + (k - 1) * 100 * step AS valid_from,
    begins_at + (k - 1) * 100 * step + term AS expires_at,
    CASE WHEN k > all_lots - 10 THEN 100000 ELSE 10 END AS granted,
    least(k, all_lots - 10) * 10 + greatest(k - all_lots + 10, 0) * 100000 AS granted_by_then,
    CASE entries_a_lot WHEN 100 THEN 9 ELSE 0 END AS used
FROM seed, generate_series(first_lot, last_lot) AS numbers (k);

CREATE TEMPORARY TABLE seeded_tickets ON COMMIT DROP AS
SELECT
    seeded.*, t,
    'HD-' || k || '-' || t AS ticket_id,
    valid_from + (t * 11 - 10) * step AS opened_at,
    valid_from + t * 11 * step AS resolved_at
FROM seeded, generate_series(1, 9) AS tickets (t)
WHERE entries_a_lot = 100;

INSERT INTO subscriptions (
    account_id, subscription_id, source, catalog, catalog_version, plan, unit, starts_at, ends_at,
    extra_calendars, version, created_at, quantity
)
SELECT
    account_id, subscription_id, 'grant', 'livecart', 1, 'express', 'incident', valid_from,
    expires_at, '{}', 1, valid_from, 1
FROM seeded;

INSERT INTO business_references (
    account_id, operation, reference, request, result_id, created_at
)
SELECT
    account_id, 'grant', 'grown-' || k, jsonb_build_object('amount', granted),
    subscription_id::text, valid_from
FROM seeded;

INSERT INTO lots (
    account_id, lot_id, subscription_id, tally_id, catalog, plan, unit, source, granted_sequence,
    granted, held, used, revoked, valid_from, expires_at, furthest_end, reach_days, created_at
)
SELECT
    account_id, lot_id, subscription_id, 1, 'livecart', 'express', 'incident', 'grant',
    (k - 1) * entries_a_lot + 1,
    granted, 0, used, 0, valid_from, expires_at, expires_at, reach_days, valid_from
FROM seeded;

INSERT INTO tickets (
    account_id, ticket_id, request, subject, status, outcome, channel, urgent, variables, catalog,
    catalog_version, promise_version, plan, subscription_id, rank, on_demand, promised,
    extra_calendars, trace, charge_status, charge_unit, charge_amount, charge_held, overage_amount,
    opened_at, resolved_at, last_event_at, events, unanswered, queue_group, version, created_at
)
SELECT
    account_id, ticket_id, '{"severity": null, "urgent": false}', 'Checkout fails', 'resolved',
    'solved', 'ticket', false, '{}', 'livecart', 1, 1, 'express', subscription_id, 1, false, true,
    '{}', '[]', 'settled', 'incident', 1, 0, 0, opened_at, resolved_at, resolved_at, 1, false, 1, 2, opened_at
FROM seeded_tickets;

INSERT INTO ticket_events (account_id, ticket_id, number, type, at, recorded_at, data)
SELECT account_id, ticket_id, 1, 'resolution', resolved_at, resolved_at, '{"outcome": "solved"}'
FROM seeded_tickets;

INSERT INTO entries (
    account_id, sequence, kind, lot_id, tally_id, unit, amount, granted, held, used, revoked,
    lot_granted, lot_held, lot_used, lot_revoked, tally_granted, tally_held, tally_used,
    tally_revoked, valid_from, expires_at, effective_at, clock_at, recorded_at, ticket_id
)
SELECT
    account_id, (k - 1) * entries_a_lot + 1, 'grant', lot_id, 1, 'incident', granted,
    granted, 0, 0, 0,
    granted, 0, 0, 0,
    granted_by_then, 0, (k - 1) * used, 0,
    valid_from, expires_at, valid_from, valid_from, valid_from, NULL
FROM seeded
UNION ALL
SELECT
    account_id, (k - 1) * 100 + t * 11 - 10 + place, kind, lot_id, 1, 'incident', amount,
    0, held, settled, 0,
    granted, lot_held, t - 1 + settled, 0,
    granted_by_then, lot_held, (k - 1) * 9 + t - 1 + settled, 0,
    valid_from, expires_at, moved_at, moved_at, moved_at, ticket_id
FROM seeded_tickets,
    (VALUES
        (1, 'hold', 2, 2, 0, 2),
        (2, 'release', 1, -1, 0, 1), (3, 'hold', 1, 1, 0, 2),
        (4, 'release', 1, -1, 0, 1), (5, 'hold', 1, 1, 0, 2),
        (6, 'release', 1, -1, 0, 1), (7, 'hold', 1, 1, 0, 2),
        (8, 'release', 1, -1, 0, 1), (9, 'hold', 1, 1, 0, 2),
        (10, 'release', 1, -1, 0, 1),
        (11, 'settle', 1, -1, 1, 0)
    ) AS movements (place, kind, amount, held, settled, lot_held),
    LATERAL (SELECT valid_from + (t * 11 - 11 + place) * step) AS moments (moved_at)
ORDER BY 2;

INSERT INTO events (account_id, number, event_id, type, at, recorded_at, data, position, sandbox)
SELECT
    account_id, (k - 1) * 18 + t * 2 - 1 + place, gen_random_uuid(), type, happened_at, happened_at,
    json_build_object('ticket_id', ticket_id), (k - 1) * 18 + t * 2 - 1 + place,
    false
FROM seeded_tickets,
    LATERAL (
        VALUES (0, 'ticket.opened', opened_at), (1, 'ticket.settled', resolved_at)
    ) AS told (place, type, happened_at)
ORDER BY 2;

UPDATE relay SET position = greatest(position, told.last)
FROM (SELECT max(k) * 18 AS last FROM seeded WHERE used > 0) AS told
WHERE reader = 'positions' AND told.last IS NOT NULL;

INSERT INTO tallies (
    account_id, tally_id, catalog, unit, counted, granted, held, used, revoked
)
SELECT account_id, 1, 'livecart', 'incident', true, granted_by_then, 0, k * used, 0
FROM seeded
WHERE k = (SELECT max(k) FROM seeded)
ON CONFLICT (account_id, tally_id) DO UPDATE SET
    granted = excluded.granted, used = excluded.used;

INSERT INTO accounts (
    account_id, name, metadata, version, sequence, tallies, events, effective_at, created_at,
    updated_at
)
SELECT
    account_id, 'An account with a past', '{}', 1, k * entries_a_lot, 1, k * used * 2,
    valid_from + (entries_a_lot - 1) * step, valid_from, valid_from
FROM seeded
WHERE k = (SELECT max(k) FROM seeded)
ON CONFLICT (account_id) DO UPDATE SET
    sequence = excluded.sequence, events = excluded.events, effective_at = excluded.effective_at;
