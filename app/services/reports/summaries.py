"""Summaries: a customer in one call, for whoever serves them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.db.accounts.accounts import AccountUnknown
from app.db.accounts.search import list_accounts_by_address, list_customers
from app.db.catalog import catalogs
from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.db.reports import summaries
from app.db.reports.summaries import SummaryInputs
from app.domain.access.refusals import Choice, Fault, InvalidPayload, Refusal, describe_choice
from app.domain.catalog.amounts import Names, Unit
from app.domain.catalog.catalogs import Catalog
from app.domain.coverage.sites import list_stores
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Cap, Subscription, group_by_pool, lots_of_pool, pick_pool_terms
from app.domain.reports.summary import (
    Notice,
    PlanState,
    SessionLine,
    TicketCounts,
    TicketLine,
    describe_plan,
    find_next_clock,
    list_notices,
    share_lots,
)
from app.domain.time.business_time import from_micros, to_micros
from app.domain.time.calendars import Calendar
from app.domain.time.compiled_calendars import compile_calendar
from app.domain.values import Value, replace
from app.services.accounts.sandboxes import use_account_clock
from app.services.ledger.caps import load_cap
from app.services.metering.overage import OverageLine, report_month
from app.services.reports.past_summaries import load_past_inputs
from app.services.selling.covers import list_calendars_at


class OneNamed(InvalidPayload):
    """A customer is looked for by one of their e-mail address, site and licence."""

    code = "name_one"
    title = "Name the customer in one way"


class SeveralAccounts(Refusal):
    """Several accounts have this address, site or licence: one has to be named by its id.

    `choices` has the first twenty of them.
    """

    kind = "conflict"
    code = "several_accounts"
    title = "Several accounts fit"


class Overage(Value):
    """What is to be billed of the present month beyond plans, by tickets."""

    since: datetime
    lines: tuple[OverageLine, ...]
    names: Mapping[Unit, Names]

    @property
    def amounts(self) -> Mapping[Unit, int]:
        """How many units of each sort are beyond the plans."""
        sums: dict[Unit, int] = {}
        for line in self.lines:
            sums[line.unit] = sums.get(line.unit, 0) + line.amount
        return {unit: amount for unit, amount in sums.items() if amount}


class Summary(Value):
    """A customer as they stand at `as_of`: plans in the order they are drawn upon, and the rest."""

    account_id: str
    name: str
    as_of: datetime
    sequence: int
    plans: tuple[PlanState, ...]
    counts: TicketCounts
    tickets: tuple[TicketLine, ...]
    sessions: tuple[SessionLine, ...]
    overage: Overage | None
    disputes: int
    notices: tuple[Notice, ...]


async def read_summary(db: Db, *, account_id: str, at: datetime | None) -> Summary:
    """Return a customer's summary at `at` (now): plans, tickets, sessions, what needs attention.

    Of the past all is as it stood then, as far as that is recorded (`load_past_inputs`); in the
    future units are as they will be, and tickets and sessions are those of now. Refuses with
    `account_unknown`.
    """
    clock = db.read_clock()
    found = await summaries.load_summary_inputs(db, account_id, at=at or clock)
    now = max(clock, found.effective_at)
    as_of = at or now
    if as_of < now:
        found = await load_past_inputs(db, found, at=as_of)
    plans = await _load_plans(db, found, found.lots, at=as_of)
    overage = await _load_overage(db, found, plans, at=as_of)
    return Summary(
        account_id=account_id,
        name=found.name,
        as_of=as_of,
        sequence=found.sequence,
        plans=tuple(plans),
        counts=found.counts,
        tickets=tuple(find_next_clock(found.tickets, at=as_of)),
        sessions=tuple(found.sessions),
        overage=overage,
        disputes=found.disputes,
        notices=tuple(
            list_notices(
                plans,
                overage={} if overage is None else overage.amounts,
                names={} if overage is None else overage.names,
                disputes=found.disputes,
                at=as_of,
            )
        ),
    )


async def find_customer(
    db: Db, *, email: str | None, site: str | None, license_id: str | None
) -> str:
    """Return the account that has an e-mail address, a site or a licence; its clock is used then.

    A sandbox is found where nobody else has it. Refuses with `account_unknown` where none has,
    with `several_accounts` where more have, and with `name_one` unless one of the three is given.
    """
    given = [each for each in (email, site, license_id) if each is not None]
    if len(given) != 1:
        detail = "Give one of `email`, `site` and `license_id`."
        raise OneNamed([Fault("?email", detail, OneNamed.code)])
    if email is not None:
        found = await list_accounts_by_address(db, email, limit=summaries.MOST_NAMED)
    elif site is not None:
        found = await summaries.list_accounts_by_site(db, list_stores(site), at=db.read_clock())
    else:
        found = await summaries.list_accounts_by_licence(db, given[0])
    if not found:
        raise AccountUnknown(f"No account has {given[0]!r}.")
    named = await list_customers(db, found) if len(found) > 1 else ()
    if len(named) > 1:
        (first, _), (second, _), *_ = named
        raise SeveralAccounts(
            f"More than one account has {given[0]!r}, {first!r} and {second!r} among them.",
            choices=[describe_choice(Choice(each, name)) for each, name in named],
        )
    found = [each for each, _ in named] or found
    await use_account_clock(db, found[0])
    return found[0]


async def _load_plans(
    db: Db, found: SummaryInputs, lots: Sequence[Lot], *, at: datetime
) -> list[PlanState]:
    shown, alone = share_lots(found.subscriptions, lots, at=at)
    outlasted = await _load_outlasted(db, found, alone, at=at)
    shown |= {each.subscription_id: left for each, left in outlasted}
    plans = []
    for subscription in (*found.subscriptions, *(each for each, _ in outlasted)):
        terms = await catalogs.load_catalog(
            db, subscription.catalog, subscription.catalog_version, region=subscription.region
        )
        own = shown[subscription.subscription_id]
        cap = await _load_cap(db, found, subscription, terms, lots=lots, own=own, at=at)
        cover = await list_calendars_at(db, found.account_id, subscription, terms, at)
        plans.append(
            describe_plan(
                replace(subscription, extra_calendars=cover),
                terms,
                own,
                quantity=subscription.quantity,
                cap=cap,
                at=at,
                opening=_open_at,
            )
        )
    return sorted(plans, key=_drawn_first)


async def _load_outlasted(
    db: Db, found: SummaryInputs, lots: Sequence[Lot], *, at: datetime
) -> list[tuple[Subscription, list[Lot]]]:
    """Return the ended subscriptions that these lots outlast, one a pool, as if they went on."""
    if not lots:
        return []
    ids = {lot.subscription_id for lot in lots}
    known = await subscriptions.load_subscriptions(db, found.account_id, ids)
    ended = [lot for lot in lots if known[lot.subscription_id].status_at(at) == "ended"]
    outlasted = []
    for own in group_by_pool(ended).values():
        first = known[pick_pool_terms(own, at=at).subscription_id]
        ends = [lot.expires_at for lot in own if lot.expires_at is not None]
        ends_at = max(ends) if len(ends) == len(own) else None
        outlasted.append((replace(first, ends_at=ends_at), own))
    return outlasted


async def _load_cap(
    db: Db,
    found: SummaryInputs,
    subscription: Subscription,
    terms: Catalog,
    *,
    lots: Sequence[Lot],
    own: Sequence[Lot],
    at: datetime,
) -> Cap | None:
    """Return the cap of the pool whose terms this subscription's `own` lots carry."""
    pooled = lots_of_pool(lots, subscription.pool)
    if not terms.plans[subscription.plan].has_cap or not pooled:
        return None
    if pick_pool_terms(pooled, at=at) not in own:
        return None
    return await load_cap(db, found.account_id, subscription, pooled, terms=terms, at=at, by=at)


async def _load_overage(
    db: Db, found: SummaryInputs, plans: Sequence[PlanState], *, at: datetime
) -> Overage | None:
    """Return what is to be billed since the month began, where the account can have any.

    What took effect at `at` itself is counted.
    """
    if not found.in_overage and not any(plan.plan.overage for plan in plans):
        return None
    report = await report_month(db, account_id=found.account_id, at=at)
    found_now = Overage(report.since, tuple(report.lines), await _load_names(db, report.lines))
    return found_now if found_now.amounts else None


async def _load_names(db: Db, lines: Sequence[OverageLine]) -> dict[Unit, Names]:
    """Return what each unit is called by the seller of all that is beyond plans, if it is one."""
    sellers: dict[Unit, set[str]] = {}
    for line in lines:
        sellers.setdefault(line.unit, set()).add(line.catalog)
    named: dict[Unit, Names] = {}
    for unit, (code, *others) in sellers.items():
        if not others:
            terms, _ = await catalogs.load_current(db, code)
            named[unit] = terms.names
    return named


def _drawn_first(plan: PlanState) -> tuple[bool, int, bool, float]:
    ends_at = plan.subscription.ends_at
    return (
        plan.status != "active",
        plan.plan.rank,
        ends_at is None,
        0.0 if ends_at is None else ends_at.timestamp(),
    )


def _open_at(calendar: Calendar, at: datetime) -> tuple[bool, datetime | None]:
    open_time = compile_calendar(calendar)
    instant = to_micros(at)
    if open_time.is_open(instant):
        return True, None
    return False, from_micros(open_time.next_opening(instant))
