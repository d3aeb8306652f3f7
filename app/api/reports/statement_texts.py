"""The lines of a statement in words, with their dates in the zone of the seller they are of."""

import itertools
from collections.abc import Iterator
from typing import Any

from app.api.pages.words import Words
from app.domain.ledger.histories import HistoryLine
from app.domain.ledger.ledger import Lot
from app.domain.ledger.statements import TicketPart
from app.domain.selling.agreements import RAISED_CAP
from app.domain.values import Value
from app.services.reports.statements import AccountStatement

_UTC = "UTC"
# What ends an order, and what its customer reads then.
_ENDED_BY = {"cancellation": "order_cancelled", "upgrade": "order_upgraded"}


class StatedRow(Value):
    """One row of a statement's page."""

    day: str
    text: str
    note: str
    amount: str


def describe_modifications(statement: AccountStatement, words: Words) -> Iterator[StatedRow]:
    """Yield the page's rows: what an order gives in later terms is one row, until they begin."""

    def key(line: HistoryLine) -> tuple[Any, ...]:
        to_come = line.change.upcoming > 0
        text = describe_line(statement, line, words)
        return (True, line.at, line.unit, text) if to_come else (False, line)

    for (to_come, *_), group in itertools.groupby(statement.modifications, key):
        lines = list(group)
        if to_come:
            yield _describe_coming(statement, lines, words)
        else:
            yield _describe_modification(statement, lines[0], words)


def describe_ticket(statement: AccountStatement, part: TicketPart, words: Words) -> StatedRow:
    """Return a ticket's row: when it was opened, what it is about, what it holds or has used."""
    ticket = statement.tickets[part.ticket_id]
    state = part.state
    notes = [part.ticket_id, ticket.category or ""]
    if state.held and state.used:
        notes.append(words("used_besides", amount=words.units(state.used, part.unit)))
    if state.overage:
        notes.append(words("to_be_billed", amount=words.units(state.overage, part.unit)))
    worked = statement.worked.get(part.ticket_id, 0) if part.unit == "minute" else 0
    if worked and worked != state.used + state.overage:
        notes.append(words("worked", amount=words.minutes(worked)))
    if not state.held and not state.used and part.change.available > 0:
        notes.append(words("given_back", amount=words.units(part.change.available, part.unit)))
    return StatedRow(
        day=words.day(ticket.opened_at, zone_of(statement, ticket.catalog)),
        text=ticket.subject,
        note=", ".join(note for note in notes if note),
        amount=words.units(state.held or state.used, part.unit),
    )


def describe_line(statement: AccountStatement, line: HistoryLine, words: Words) -> str:
    """Return what a modification was."""
    entry, lot = line.entry, _lot_of(statement, line)
    reason = "" if entry is None or entry.reason is None else f": {entry.reason}"
    if entry is not None and entry.cause in _ENDED_BY:  # why is between the seller's people
        return words(_ENDED_BY[entry.cause], order=entry.order_id)
    match line.kind:
        case "grant":
            return _describe_grant(line, lot, reason, words)
        case "start":
            return words("term_began")
        case "expiry" if line.ticket_id is not None:
            return words("came_back_late", ticket=line.ticket_id)
        case "expiry":
            return words("lapsed")
        case "revoke":
            return words("revoked", reason=reason)
        case "extend" if entry is not None and entry.cause == RAISED_CAP:
            return words("weekly_limit", reason=reason)
        case "extend":
            ends = None if entry is None else entry.expires_at
            zone = zone_of(statement, None if lot is None else lot.catalog)
            until = (
                words("without_end")
                if ends is None
                else words("until", end=words.last_day(ends, zone))
            )
            return words("extended", until=until, reason=reason)
        case "move":
            from_ = None if entry is None else entry.reference
            return words("moved_here", account=from_, reason=reason)
        case _:
            return f"{line.kind.capitalize()}{reason}"


def zone_of(statement: AccountStatement, catalog: str | None) -> str:
    """Return the zone in which the dates of a catalogue's lines are shown."""
    terms = statement.terms.get(catalog or "")
    return statement.zone or (_UTC if terms is None else terms.zone)


def _describe_grant(line: HistoryLine, lot: Lot | None, reason: str, words: Words) -> str:
    entry = line.entry
    reference = "" if entry is None or entry.reference is None else f" {entry.reference}"
    match None if lot is None else lot.source:
        case "purchase":
            return words("bought", order=lot.order_id if lot else "")
        case "licence":
            return words("with_licence", reference=reference)
        case "grace":
            return words("given_again", ticket=line.ticket_id)
        case "agreement":
            return words("agreed", reference=reference, reason=reason)
        case _:
            return words("given", reason=reason)


def _describe_coming(
    statement: AccountStatement, lines: list[HistoryLine], words: Words
) -> StatedRow:
    """Return the row of what comes in later terms, all of them together."""
    lots = [statement.lots[line.lot_id] for line in lines if line.lot_id]
    first = min(lots, key=lambda lot: lot.valid_from)
    zone = zone_of(statement, first.catalog)
    day = words.day(first.valid_from, zone)
    return StatedRow(
        day=words.day(lines[0].at, zone),
        text=describe_line(statement, lines[0], words),
        note=words("coming", day=day)
        if len(lines) == 1
        else words("coming_terms", count=len(lines), day=day),
        amount=words.units(sum(line.change.upcoming for line in lines), lines[0].unit),
    )


def _describe_modification(
    statement: AccountStatement, line: HistoryLine, words: Words
) -> StatedRow:
    lot = _lot_of(statement, line)
    zone = zone_of(statement, None if lot is None else lot.catalog)
    notes = [] if lot is None else [_name_plan(statement, lot)]
    if line.kind == "expiry" and lot is not None and lot.order_id is not None:
        notes.append(words("of_order", order=lot.order_id))
    elif line.kind in ("grant", "start") and lot is not None and lot.expires_at is not None:
        notes.append(words("until", end=words.last_day(lot.expires_at, zone)))
    moved = line.change.available
    amount = ("+" if moved > 0 else "−") + words.units(abs(moved), line.unit) if moved else "–"
    return StatedRow(
        day=words.day(line.at, zone),
        text=describe_line(statement, line, words),
        note=", ".join(notes),
        amount=words("unlimited_amount") if line.kind == "grant" and not line.counted else amount,
    )


def _name_plan(statement: AccountStatement, lot: Lot) -> str:
    terms = statement.terms.get(lot.catalog)
    plan = None if terms is None else terms.plans.get(lot.plan)
    return lot.plan if plan is None else plan.name


def _lot_of(statement: AccountStatement, line: HistoryLine) -> Lot | None:
    return None if line.lot_id is None else statement.lots[line.lot_id]
