"""Deadlines: the clocks of a ticket, from the terms it began with and what happened to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from app.db.accounts.account_reads import ChangedClocks
from app.db.accounts.locked_accounts import LockedAccount
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.promises import clocks as stored
from app.db.tickets.ticket_clocks import ClockedTicket
from app.domain.catalog.catalogs import Catalog
from app.domain.events.deadline_events import describe_deadline
from app.domain.events.notices import (
    DeadlineEventType,
    DeadlineNotice,
    decide_deadline_notice,
)
from app.domain.promises.clock_events import ClockEvent, PromisesKept
from app.domain.promises.clocks import ClockState, read_state, run_clocks
from app.domain.promises.deadlines import Deadline, Spell
from app.domain.promises.promises import (
    Promise,
    Subject,
    select_promises,
)
from app.domain.promises.stored_clocks import StoredClock
from app.domain.tickets.tickets import Ticket
from app.domain.time.business_time import OpenTime
from app.domain.time.calendars import Calendar
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.values import replace

_INTERVAL_BYTES = 100


def open_times(
    db: Db, terms: Catalog, version: int, extra: Iterable[str]
) -> Mapping[str, OpenTime]:
    """Return a version's calendars in a region, each with the open time of the cover on top.

    A version never changes, so they are compiled once in this process.
    """
    cover = tuple(name for name in extra if name in terms.calendars)
    key = ("open times", terms.code, version, terms.region, cover)
    found: Mapping[str, OpenTime] | None = db.immutable.find(key)
    if found is None:
        added = tuple(terms.calendars[name] for name in cover)
        found = {
            name: compile_calendar(join_cover(calendar, added))
            for name, calendar in terms.calendars.items()
        }
        weight = _INTERVAL_BYTES * sum(each.weight for each in found.values())
        db.immutable.store(key, found, weight=weight)
    return found


def join_cover(calendar: Calendar, covers: tuple[Calendar, ...]) -> Calendar:
    """Return a calendar with the open time of cover, whose business dates count as well.

    Where weekends and holidays are covered, "3 business days" are three of all those days.
    """
    if not covers:
        return calendar
    first, *others = covers
    name = calendar.name if first.name is None else first.name
    return replace(first, name=name, union=(*first.union, calendar, *others))


async def run_ticket_clocks(
    db: Db, ticket: Ticket | ClockedTicket, events: list[ClockEvent], *, now: datetime
) -> tuple[Deadline, ...]:
    """Return a ticket's deadlines at `now`, on the promises that it keeps.

    They are those of its plan in the version it was opened under, until it was moved to another
    version, or it was decided anew who pays.
    """
    first = next((event.before for event in events if event.before is not None), None)
    kept = promises_kept(ticket) if first is None else first
    subject = Subject(ticket.channel, ticket.topic, ticket.asked_category)
    promises, calendars = await load_promises(db, kept, subject)
    read: list[ClockEvent] = []
    for event in events:
        if event.after is not None:
            kept = event.after
        elif event.version is not None and kept.promised:
            kept = replace(kept, catalog_version=event.version)
        else:
            read.append(event)
            continue
        moved, times = await load_promises(db, kept, subject)
        read.append(replace(event, promises=moved, calendars=times))
    return run_clocks(
        promises=promises,
        calendars=calendars,
        opened_at=ticket.opened_at,
        severity=ticket.asked_severity,
        urgent=ticket.asked_urgent,
        events=read,
        now=now,
    )


def promises_kept(ticket: Ticket | ClockedTicket) -> PromisesKept:
    """Return whose promises a ticket keeps by its row."""
    return PromisesKept(
        catalog=ticket.catalog,
        plan=ticket.plan,
        catalog_version=ticket.catalog_version,
        promised=ticket.promised,
        extra_calendars=tuple(ticket.extra_calendars),
        region=ticket.region,
    )


async def load_promises(
    db: Db, kept: PromisesKept, subject: Subject
) -> tuple[tuple[Promise, ...], Mapping[str, OpenTime]]:
    """Return what is promised to requests about a subject, and the calendars that it names.

    A version that has no such plan any more promises nothing.
    """
    if kept.plan is None or not kept.promised:
        return (), {}
    terms = await catalogs.load_catalog(db, kept.catalog, kept.catalog_version, region=kept.region)
    plan = terms.plans.get(kept.plan)
    promises = () if plan is None else select_promises(plan.promises, subject)
    return promises, open_times(db, terms, kept.catalog_version, kept.extra_calendars)


def read_ticket_state(ticket: Ticket, events: list[ClockEvent], *, now: datetime) -> ClockState:
    """Return what the events up to `now` leave a ticket in."""
    return read_state(
        opened_at=ticket.opened_at,
        severity=ticket.asked_severity,
        urgent=ticket.asked_urgent,
        events=events,
        now=now,
    )


def store_deadlines(
    account: LockedAccount,
    ticket: Ticket,
    deadlines: tuple[Deadline, ...],
    *,
    before: Sequence[StoredClock],
) -> None:
    """Have a ticket's clocks stored with the transaction, over those stored `before`.

    What became of them is recorded then, and no sooner: what happens to the ticket within the
    transaction may undo it.
    """
    first = account.changed_clocks.get(ticket.ticket_id)
    account.changed_clocks[ticket.ticket_id] = ChangedClocks(
        ticket, deadlines, before if first is None else first.before
    )
    if store_clocks not in account.before_end:
        account.before_end.insert(0, store_clocks)


async def store_clocks(db: Db, account: LockedAccount) -> None:
    """Store the clocks of every ticket that was changed, and record what became of them."""
    for changed in account.changed_clocks.values():
        after = _record_clocks(account, changed.ticket, changed.deadlines, before=changed.before)
        await stored.change_clocks(db, changed.before, after)
    account.changed_clocks.clear()


def _record_clocks(
    account: LockedAccount,
    ticket: Ticket,
    deadlines: Iterable[Deadline],
    *,
    before: Sequence[StoredClock],
) -> list[StoredClock]:
    """Return the clocks to be stored, and record what became of them as events."""
    known = {(clock.metric, clock.spell): clock for clock in before}
    clocks: list[StoredClock] = []
    for deadline in deadlines:
        shown: Sequence[Deadline | Spell] = deadline.spells or (deadline,)
        for number, each in enumerate(shown):
            was = known.get((deadline.metric, number))
            notice = decide_deadline_notice(
                told=None if was is None else was.told,
                status=each.status,
                strength=deadline.strength,
                warn_at=each.warn_at,
                breaches_after=each.breaches_after,
                now=account.now,
            )
            clock = _store(ticket, deadline, number, each, notice)
            clocks.append(clock)
            if notice.event is not None:
                record_deadline(account, clock, notice.event)
            if clock.excused and not (was and was.excused):
                record_deadline(account, clock, "deadline.excused")
    return clocks


def record_deadline(account: LockedAccount, clock: StoredClock, type_: DeadlineEventType) -> None:
    """Record what became of a stored clock, as of when it did."""
    at = {
        "deadline.at_risk": clock.warn_at,
        "deadline.met": clock.met_at,
        "deadline.breached": clock.breached_at or clock.breaches_after,
        "deadline.missed": clock.missed_at or clock.breaches_after,
        "deadline.late": clock.met_at,
        "deadline.excused": account.now,
    }[type_]
    account.record(describe_deadline(type_, clock), at=at or account.now)


def _store(
    ticket: Ticket, deadline: Deadline, number: int, each: Deadline | Spell, notice: DeadlineNotice
) -> StoredClock:
    return StoredClock(
        account_id=ticket.account_id,
        ticket_id=ticket.ticket_id,
        metric=deadline.metric,
        spell=number,
        catalog=ticket.catalog,
        plan=ticket.plan,
        severity=ticket.severity,
        status=each.status,
        strength=deadline.strength,
        started_at=each.started_at,
        warn_at=each.warn_at,
        due_at=each.due_at,
        breaches_after=each.breaches_after,
        met_at=each.met_at,
        breached_at=each.breached_at,
        missed_at=each.missed_at,
        excused=each.excused is not None,
        used_seconds=each.used_seconds,
        elapsed_seconds=each.elapsed_seconds,
        business_seconds=each.business_seconds,
        percent=deadline.percent,
        told=notice.told,
        notify_at=notice.notify_at,
    )
