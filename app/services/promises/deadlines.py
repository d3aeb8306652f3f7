"""Deadlines: the clocks of a ticket, from the terms it began with and what happened to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.db.accounts.accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.database import Db
from app.db.promises import clocks as stored
from app.domain.catalog.catalogs import Catalog
from app.domain.events.notices import (
    DeadlineEventType,
    decide_deadline_notice,
    describe_clock,
)
from app.domain.promises.clocks import EVENT_TYPES, TicketEvent, TicketState, read_state, run_clocks
from app.domain.promises.deadlines import Deadline, Spell
from app.domain.promises.promises import Promise
from app.domain.time.business_time import OpenTime, compile_calendar
from app.domain.time.calendars import Calendar

_EVENT_FIELDS = frozenset(
    {"waiting_on", "severity", "urgent", "policy", "version", "metric", "reason", "actor"}
)
_UNTOLD: Mapping[str, Any] = {"told": None, "excused": False}


def read_events(rows: Iterable[Any]) -> list[TicketEvent]:
    """Return the rows that move a ticket's clocks as values."""
    return [
        TicketEvent(
            type=row["type"],
            at=row["at"],
            order=row["number"],
            **{name: value for name, value in row["data"].items() if name in _EVENT_FIELDS},
        )
        for row in rows
        if row["type"] in EVENT_TYPES
    ]


def open_times(
    db: Db, terms: Catalog, version: int, extra: Iterable[str]
) -> Mapping[str, OpenTime]:
    """Return a version's calendars, each with the open time of the cover bought on top.

    A version never changes, so they are compiled once in this process.
    """
    cover = tuple(name for name in extra if name in terms.calendars)
    key = ("open times", terms.code, version, cover)
    found: Mapping[str, OpenTime] | None = db.immutable.get(key)
    if found is None:
        added = tuple(terms.calendars[name] for name in cover)
        found = db.immutable[key] = {
            name: compile_calendar(_join_cover(calendar, added))
            for name, calendar in terms.calendars.items()
        }
    return found


def _join_cover(calendar: Calendar, covers: tuple[Calendar, ...]) -> Calendar:
    """Return a calendar with the open time of cover, whose business dates count as well.

    Where weekends and holidays are covered, "3 business days" are three of all those days.
    """
    if not covers:
        return calendar
    first, *others = covers
    return replace(first, union=(*first.union, calendar, *others))


async def run_ticket_clocks(
    db: Db, ticket: Any, events: list[TicketEvent], *, now: datetime
) -> tuple[Deadline, ...]:
    """Return a ticket's deadlines at `now`, on the version of the terms it keeps."""
    promises: tuple[Promise, ...] = ()
    calendars: Mapping[str, OpenTime] = {}
    if ticket["plan"] is not None and ticket["promised"]:
        promises, calendars = await load_promises(db, ticket, ticket["catalog_version"])
        events = [await _with_terms(db, ticket, event) for event in events]
    return run_clocks(
        promises=promises,
        calendars=calendars,
        opened_at=ticket["opened_at"],
        severity=ticket["request"]["severity"],
        urgent=ticket["request"]["urgent"],
        events=events,
        now=now,
    )


async def load_promises(
    db: Db, ticket: Any, version: int
) -> tuple[tuple[Promise, ...], Mapping[str, OpenTime]]:
    """Return what a ticket's plan promises in one version of its catalogue, and its calendars.

    A version that has no such plan any more promises nothing.
    """
    terms = await catalogs.load_catalog(db, ticket["catalog"], version)
    plan = terms.plans.get(ticket["plan"])
    promises = () if plan is None else plan.promises
    return promises, open_times(db, terms, version, ticket["extra_calendars"])


async def _with_terms(db: Db, ticket: Any, event: TicketEvent) -> TicketEvent:
    """Return a re-evaluation with the promises and calendars of the version it moved to."""
    if event.type != "plan" or event.version is None:
        return event
    promises, calendars = await load_promises(db, ticket, event.version)
    return replace(event, promises=promises, calendars=calendars)


def read_ticket_state(ticket: Any, events: list[TicketEvent], *, now: datetime) -> TicketState:
    """Return what the events up to `now` leave a ticket in."""
    return read_state(
        opened_at=ticket["opened_at"],
        severity=ticket["request"]["severity"],
        urgent=ticket["request"]["urgent"],
        events=events,
        now=now,
    )


async def start_deadlines(
    db: Db, account: LockedAccount, ticket: Any, deadlines: Iterable[Deadline]
) -> None:
    """Keep a new ticket's clocks for the views that look across tickets."""
    await stored.insert_clocks(db, _tell(account, ticket, deadlines, kept={}))


async def keep_deadlines(
    db: Db,
    account: LockedAccount,
    ticket: Any,
    deadlines: Iterable[Deadline],
    *,
    before: Sequence[Mapping[str, Any]],
) -> list[Mapping[str, Any]]:
    """Keep a ticket's clocks over those stored `before`, and record what became of them.

    Returns the clocks as they are stored then.
    """
    kept = {(row["metric"], row["spell"]): row for row in before}
    after: list[Mapping[str, Any]] = [*_tell(account, ticket, deadlines, kept=kept)]
    await stored.change_clocks(db, before, after)
    return after


def next_instants(deadlines: Iterable[Deadline]) -> dict[str, datetime | None]:
    """Return the first instants at which a running clock is due, and is breached."""
    running = [each for each in deadlines if each.status == "running"]
    return {
        "due_at": min((each.due_at for each in running if each.due_at), default=None),
        "breaches_after": min(
            (each.breaches_after for each in running if each.breaches_after), default=None
        ),
    }


def _tell(
    account: LockedAccount,
    ticket: Any,
    deadlines: Iterable[Deadline],
    *,
    kept: Mapping[tuple[str, int], Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return the clocks' rows, and record what is to be told of them as events."""
    rows = [row for deadline in deadlines for row in _rows(ticket, deadline)]
    for row in rows:
        before = kept.get((row["metric"], row["spell"]), _UNTOLD)
        notice = decide_deadline_notice(
            told=before["told"],
            status=row["status"],
            strength=row["strength"],
            warn_at=row["warn_at"],
            breaches_after=row["breaches_after"],
            now=account.now,
        )
        row |= {"told": notice.told, "notify_at": notice.notify_at}
        if notice.event is not None:
            record_deadline(account, row, notice.event)
        if row["excused"] and not before["excused"]:
            record_deadline(account, row, "deadline.excused")
    return rows


def record_deadline(
    account: LockedAccount, row: Mapping[str, Any], type_: DeadlineEventType
) -> None:
    """Record what became of a stored clock, as of when it did."""
    at = {
        "deadline.at_risk": row["warn_at"],
        "deadline.met": row["met_at"],
        "deadline.breached": row["breached_at"] or row["breaches_after"],
        "deadline.missed": row["missed_at"] or row["breaches_after"],
        "deadline.late": row["met_at"],
        "deadline.excused": account.now,
    }[type_]
    account.record(type_, at=at, data=describe_clock(row))


def _rows(ticket: Any, deadline: Deadline) -> list[dict[str, Any]]:
    of_ticket = {
        "account_id": ticket["account_id"],
        "ticket_id": ticket["ticket_id"],
        "metric": deadline.metric,
        "catalog": ticket["catalog"],
        "plan": ticket["plan"],
        "severity": ticket["severity"],
        "strength": deadline.strength,
    }
    shown: Sequence[Deadline | Spell] = deadline.spells or (deadline,)
    return [
        of_ticket
        | {
            "spell": number,
            "status": each.status,
            "started_at": each.started_at,
            "warn_at": each.warn_at,
            "due_at": each.due_at,
            "breaches_after": each.breaches_after,
            "met_at": each.met_at,
            "breached_at": each.breached_at,
            "missed_at": each.missed_at,
            "excused": each.excused is not None,
            "used_seconds": each.used_seconds,
        }
        for number, each in enumerate(shown)
    ]
