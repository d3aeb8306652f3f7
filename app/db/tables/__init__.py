"""The tables. Every table owned by an account leads its key with `account_id`.

Reference tables (catalogues, keys) have no account. Rows of no account that live in an
account's table belong to the reserved account `-`.
"""

from app.db.tables.accounts import (
    accounts,
    clock_repairs,
    contacts,
    links,
    moved_accounts,
    statement_links,
)
from app.db.tables.base import NO_ACCOUNT, metadata
from app.db.tables.catalogs import catalog_versions, catalogs
from app.db.tables.events import events, relay
from app.db.tables.ledger import FAR_BACKDATED, entries, lots, tallies
from app.db.tables.requests import api_keys, business_references, idempotency_keys
from app.db.tables.sales import agreements, licences, purchases, quotes, subscriptions
from app.db.tables.tickets import DEADLINE_ORDER, deadlines, sessions, ticket_events, tickets, work
from app.db.tables.webhooks import webhook_attempts, webhook_deliveries, webhooks

__all__ = [
    "DEADLINE_ORDER",
    "FAR_BACKDATED",
    "NO_ACCOUNT",
    "accounts",
    "agreements",
    "api_keys",
    "business_references",
    "catalog_versions",
    "catalogs",
    "clock_repairs",
    "contacts",
    "deadlines",
    "entries",
    "events",
    "idempotency_keys",
    "licences",
    "links",
    "lots",
    "metadata",
    "moved_accounts",
    "purchases",
    "quotes",
    "relay",
    "sessions",
    "statement_links",
    "subscriptions",
    "tallies",
    "ticket_events",
    "tickets",
    "webhook_attempts",
    "webhook_deliveries",
    "webhooks",
    "work",
]
