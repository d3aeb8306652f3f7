"""Free times to offer a customer before anything is booked, and the agenda of what is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

from app.db.catalog import catalogs
from app.db.coverage.coverage_inputs import load_account_units
from app.db.engine.unit_of_work import Db
from app.db.metering import agenda
from app.domain.access.refusals import Fault
from app.domain.catalog.catalogs import Catalog
from app.domain.coverage.not_covered import NotCovered, find_covering_offers
from app.domain.coverage.requests import Request
from app.domain.ledger.pools import Subscription
from app.domain.metering.bookings import AgendaLine
from app.domain.metering.sessions import SessionKind, SessionStatus, TicketSessions, pays_by_steps
from app.domain.metering.slots import LOOK_AHEAD, Slot, find_free_starts
from app.domain.time.periods import PeriodTooLong
from app.domain.values import Value
from app.services.coverage.coverage import choose_catalog
from app.services.metering.slots import FURTHEST, StartsTooFar, load_timetable


class FreeTimes(Value):
    """Slots of one length that could be booked, one after the other, and whether more follow."""

    catalog: str
    kind: SessionKind
    minutes: int
    slots: tuple[Slot, ...]
    more: bool


async def find_free_times(
    db: Db,
    *,
    account_id: str,
    catalog: str | None,
    kind: SessionKind,
    since: datetime | None,
    until: datetime | None,
    minutes: int | None,
    limit: int,
) -> FreeTimes:
    """Return the slots that a customer could be offered, within its channel's hours.

    Refuses with `not_covered` where no plan of the account has such sessions.
    """
    now = db.read_clock()
    since = now if since is None else max(since, now)
    until = since + LOOK_AHEAD if until is None else until
    _require_period(since, until, now=now)
    units_found = await load_account_units(db, account_id, at=now, ended_since=now)
    code = catalog or await choose_catalog(db, units_found.lots, at=now)
    current, _ = await catalogs.load_current(db, code)
    running = [each for each in units_found.subscriptions.values() if each.catalog == code]
    terms, subscription = await _find_plan(db, running, kind, current=current, at=now)
    plan = terms.plans[subscription.plan]
    sessions = TicketSessions(terms.channels, pays_by_steps(plan, category=None), 0, ())
    length = sessions.slot_minutes(kind, minutes, besides="")
    timetable = await load_timetable(
        db,
        terms,
        current,
        kind,
        account_id=account_id,
        subscription=subscription,
        since=since,
        until=until,
        now=now,
    )
    found = list(islice(find_free_starts(timetable, since, until, length), limit + 1))
    span = timedelta(minutes=length)
    slots = tuple(Slot(kind, start, start + span) for start in found[:limit])
    return FreeTimes(code, kind, length, slots, more=len(found) > limit)


async def list_agenda(
    db: Db,
    *,
    catalog: str | None,
    status: SessionStatus | None,
    sandbox: bool,
    since: datetime,
    until: datetime,
    after: tuple[datetime, str, str],
    latest_first: bool,
    limit: int,
) -> list[AgendaLine]:
    """Return the sessions of all accounts whose slots begin in [since, until), in their order."""
    return await agenda.list_agenda(
        db,
        catalog=catalog,
        status=status,
        sandbox=sandbox,
        since=since,
        until=until,
        after=after,
        latest_first=latest_first,
        limit=limit,
    )


async def _find_plan(
    db: Db,
    running: Iterable[Subscription],
    kind: SessionKind,
    *,
    current: Catalog,
    at: datetime,
) -> tuple[Catalog, Subscription]:
    """Return the subscription, of the first rank, that has such sessions, with its terms."""
    found: list[tuple[int, Catalog, Subscription]] = []
    for each in running:
        ended = each.ends_at is not None and each.ends_at <= at
        if each.starts_at <= at and not ended and not each.is_suspended(at):
            terms = await catalogs.load_catalog(
                db, each.catalog, each.catalog_version, region=each.region
            )
            plan = terms.plans[each.plan]
            if kind in plan.channels and kind in terms.channels:
                found.append((plan.rank, terms, each))
    if not found:
        channel = current.channels.get(kind)
        request = Request(channel=kind, urgent=channel is not None and channel.urgent_only)
        raise NotCovered(
            f"No plan of the account in {current.title} has {kind} support now.",
            trace=(),
            terms=current,
            offers=find_covering_offers(request, current=current),
        )
    _, terms, subscription = min(found, key=lambda each: each[0])
    return terms, subscription


def _require_period(since: datetime, until: datetime, *, now: datetime) -> None:
    if until > now + FURTHEST:
        detail = "A session is booked a year ahead at most."
        raise StartsTooFar([Fault("/to", detail, StartsTooFar.code)])
    if until - since > LOOK_AHEAD:
        detail = f"Free times are found for {LOOK_AHEAD.days} days at once."
        raise PeriodTooLong([Fault("/to", detail, PeriodTooLong.code)])
