"""Agreements about a subscription: months joined, a weekly limit raised, cover on top.

Two months' hours are joined by giving the later month's units out again from the first month
on, and letting the first month's last until the end of the last: taken back there, granted
here, so that every lot adds up at every instant.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.plans import Plan
from app.domain.ledger.ledger import Lot
from app.domain.selling.moves import list_bought
from app.domain.time.civil_time import read_zone
from app.domain.values import Value

AgreementKind = Literal["join_months", "raise_cap", "extended_cover"]
# The cause of the entry that numbers an agreement about a weekly cap, and moves nothing.
RAISED_CAP = "raise_cap"


class AgreedChange(Value):
    """What an agreement says, over a half-open period; `ends_at` None: as long as its plan.

    `lot_ids` and `cap_minutes` are of joined months, `minutes` and `sequence`, the account's last
    movement by then, of a raised cap, `calendar` and `order_id` of cover, which may have been
    bought.
    """

    starts_at: datetime
    ends_at: datetime | None
    lot_ids: tuple[UUID, ...] = ()
    cap_minutes: int | None = None
    minutes: int | None = None
    calendar: str | None = None
    order_id: str | None = None
    sequence: int | None = None


class Agreement(Value):
    """An agreement as it is stored; `notify_at` is when what was bought by it is over.

    `bought`: cover that an order gave, under a reference made of the order's id.
    """

    account_id: str
    reference: str
    bought: bool
    kind: AgreementKind
    subscription_id: UUID
    terms: AgreedChange
    reason: str
    actor: str
    effective_at: datetime
    notify_at: datetime | None
    created_at: datetime


def describe_agreed(agreed: AgreedChange) -> dict[str, Any]:
    """Return what was agreed as plain JSON."""
    return {
        "from": agreed.starts_at.isoformat(),
        "until": None if agreed.ends_at is None else agreed.ends_at.isoformat(),
        "lot_ids": [str(each) for each in agreed.lot_ids],
        "cap_minutes": agreed.cap_minutes,
        "minutes": agreed.minutes,
        "calendar": agreed.calendar,
        "order_id": agreed.order_id,
        "sequence": agreed.sequence,
    }


def read_agreed(stored: Mapping[str, Any]) -> AgreedChange:
    """Return what was agreed out of its JSON, in which a kind's own fields may stand alone."""
    until = stored.get("until")
    return AgreedChange(
        starts_at=datetime.fromisoformat(stored["from"]),
        ends_at=None if until is None else datetime.fromisoformat(until),
        lot_ids=tuple(UUID(each) for each in stored.get("lot_ids", ())),
        cap_minutes=stored.get("cap_minutes"),
        minutes=stored.get("minutes"),
        calendar=stored.get("calendar"),
        order_id=stored.get("order_id"),
        sequence=stored.get("sequence"),
    )


class AgreementTerms(InvalidPayload):
    """A field that the agreement needs is missing, or one that it does not have is given."""

    code = "agreement_terms"
    title = "The agreement needs other fields"


class NotAgreeable(Refusal):
    """The subscription's terms have no room for such an agreement."""

    kind = "conflict"
    code = "not_agreeable"
    title = "The terms have no room for this agreement"


class JoinedMonths(Value):
    """Months of one subscription whose units are used together, first to last.

    `cap` is what the plan allows in one week of them, None where it sets no limit.
    """

    lots: tuple[Lot, ...]
    starts_at: datetime
    ends_at: datetime
    cap: int | None

    @property
    def first(self) -> Lot:
        return self.lots[0]

    @property
    def later(self) -> tuple[Lot, ...]:
        return self.lots[1:]


def join_months(
    plan: Plan,
    terms: Catalog,
    lots: Sequence[Lot],
    months: int | Sequence[str],
    *,
    joined: frozenset[UUID],
    at: datetime,
) -> JoinedMonths:
    """Return which of a subscription's months are joined, and what that gives.

    `months` is how many, from the present one (or the first to come) on, or their names
    (`2026-12`) by when each begins in the catalogue's zone. `joined` are the ids of lots joined
    before. Refuses `not_agreeable`.
    """
    months_at_most = plan.joins_months or 0
    count = months if isinstance(months, int) else len(months)
    if count > months_at_most:
        raise NotAgreeable(
            f"{plan.name} joins {months_at_most or 'no'} months.", joins_months=months_at_most
        )
    monthly = sorted(
        (lot for lot in list_bought(lots) if lot.granted is not None and lot.is_left(at)),
        key=lambda lot: lot.valid_from,
    )
    chosen = _choose(monthly, months, zone=terms.zone, at=at)
    if any(lot.lot_id in joined for lot in chosen):
        raise NotAgreeable("One of these months is joined already.")
    last = chosen[-1]
    if last.expires_at is None:
        raise NotAgreeable("The units do not end, so there is nothing to join.")
    return JoinedMonths(
        lots=tuple(chosen),
        starts_at=max(at, chosen[0].valid_from),
        ends_at=last.expires_at,
        cap=_weekly_cap(plan, sum(lot.granted or 0 for lot in chosen)),
    )


def choose_cover(terms: Catalog) -> str:
    """Return the calendar that the catalogue sells as cover; refuse `not_agreeable` without."""
    calendars = {each.adds_calendar for each in terms.offers.values() if each.adds_calendar}
    if len(calendars) != 1:
        raise NotAgreeable(f"{terms.title} sells no cover, or several kinds of it.")
    return calendars.pop()


def require_fields(kind: str, given: dict[str, object]) -> None:
    """Refuse with `agreement_terms` unless the fields given are those of the kind."""
    needed, allowed = _FIELDS[kind]
    faults = [
        Fault(f"/{name}", f"{kind} needs {name}.", AgreementTerms.code)
        for name in needed
        if given[name] is None
    ] + [
        Fault(f"/{name}", f"{kind} has no {name}.", AgreementTerms.code)
        for name, value in given.items()
        if value is not None and name not in allowed
    ]
    if faults:
        raise AgreementTerms(faults)


# The fields that each kind needs, and those that it may have.
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "join_months": (("months",), ("months",)),
    "raise_cap": ((), ("minutes", "until")),
    "extended_cover": ((), ("until",)),
}


def _choose(
    monthly: Sequence[Lot], months: int | Sequence[str], *, zone: str, at: datetime
) -> list[Lot]:
    to_come = [lot for lot in monthly if not lot.has_ended(at)]
    if isinstance(months, int):
        chosen = to_come[:months]
        if len(chosen) < months:
            raise NotAgreeable(f"The subscription has {len(to_come)} months left.")
        return chosen
    zone_info = read_zone(zone)
    named = {lot.valid_from.astimezone(zone_info).strftime("%Y-%m"): lot for lot in to_come}
    missing = [name for name in months if name not in named]
    if missing:
        raise NotAgreeable(f"No month of the subscription to come begins in {missing[0]}.")
    chosen = sorted((named[name] for name in set(months)), key=lambda lot: lot.valid_from)
    places = [to_come.index(lot) for lot in chosen]
    if len(chosen) < 2 or places != list(range(places[0], places[0] + len(places))):
        raise NotAgreeable("Months are joined that follow one another.")
    return chosen


def _weekly_cap(plan: Plan, granted: int) -> int | None:
    if plan.weekly_cap is None:
        return None
    numerator, denominator = plan.weekly_cap
    return granted * numerator // denominator
