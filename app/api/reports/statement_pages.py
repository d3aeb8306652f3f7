"""A statement for people: as a page, and as a table for a spreadsheet."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi.responses import HTMLResponse

from app.api.http.media import write_csv
from app.api.http.pages import render_page
from app.domain.ledger.histories import PARTS, Line, parts_of
from app.domain.ledger.ledger import Lot, UnitTotals
from app.domain.ledger.statements import TicketPart
from app.domain.time.instants import write_instant
from app.services.reports.statements import Statement

_COLUMNS = (
    "part",
    "at",
    "unit",
    "text",
    *PARTS,
    "ticket_id",
    "category",
    "order_id",
    "sequence",
    "kind",
)


def render_statement(statement: Statement) -> HTMLResponse:
    """Return a statement as a page of its own: no script, no picture, legible on a phone."""
    return render_page(
        "statement.html",
        statement=statement,
        units=[
            {"unit": unit, "opening": opening, "closing": statement.closing[unit]}
            for unit, opening in statement.opening.items()
        ],
        modifications=list(_describe_modifications(statement)),
        in_progress=[_describe_ticket(statement, part) for part in statement.in_progress],
        resolved=[_describe_ticket(statement, part) for part in statement.resolved],
        period=_describe_period(statement),
        drawn_up=_say(statement.as_of),
        count=_count,
    )


def write_statement_csv(statement: Statement) -> str:
    """Return a statement as a table: of each unit, all rows but the last add up to the last."""
    return write_csv(_COLUMNS, _rows(statement))


def describe_line(line: Line, lot: Lot | None) -> str:
    """Say what a modification was, in words."""
    entry = line.entry
    reason = "" if entry is None or entry.reason is None else f": {entry.reason}"
    match line.kind:
        case "grant":
            return _describe_grant(line, lot, reason)
        case "start":
            return "A new term began"
        case "expiry":
            if line.ticket_id is not None:
                return f"Came back from {line.ticket_id} after the term had ended"
            return "Expired"
        case "revoke":
            return f"Taken back{reason}"
        case "extend":
            ends = "without an end" if entry is None else _say_end(entry.expires_at)
            return f"Now usable {ends}{reason}"
        case _:
            return f"{line.kind.capitalize()}{reason}"


def _describe_grant(line: Line, lot: Lot | None, reason: str) -> str:
    entry = line.entry
    reference = "" if entry is None or entry.reference is None else f" {entry.reference}"
    match None if lot is None else lot.source:
        case "purchase":
            return f"Bought, order {lot.order_id if lot else ''}"
        case "licence":
            return f"With the first licence{reference}"
        case "grace":
            return f"Given again for {line.ticket_id}, as the term had ended"
        case "agreement":
            return f"By agreement{reference}{reason}"
        case _:
            return f"Given{reason}"


def _describe_modifications(statement: Statement) -> Iterator[dict[str, Any]]:
    """Yield the page's rows: what an order gives in later terms is one row, until they begin."""

    def key(line: Line) -> tuple[Any, ...]:
        lot = None if line.lot_id is None else statement.lots[line.lot_id]
        to_come = line.change.upcoming > 0
        return (True, line.at, line.unit, describe_line(line, lot)) if to_come else (False, line)

    for (to_come, *_), group in itertools.groupby(statement.modifications, key):
        lines = list(group)
        row = _describe_modification(statement, lines[0])
        if to_come:
            starts = min(statement.lots[line.lot_id].valid_from for line in lines if line.lot_id)
            terms = "" if len(lines) == 1 else f" in {len(lines)} terms, the first"
            row["note"] = f"to come{terms} from {_say_day(starts)}"
            row["amount"] = _count(sum(line.change.upcoming for line in lines), lines[0].unit)
        yield row


def _describe_modification(statement: Statement, line: Line) -> dict[str, Any]:
    lot = None if line.lot_id is None else statement.lots[line.lot_id]
    note = ""
    if line.kind == "expiry" and lot is not None and lot.order_id is not None:
        note = f"of order {lot.order_id}"
    elif line.kind in ("grant", "start") and lot is not None and lot.expires_at is not None:
        note = f"until {_say_day(lot.expires_at)}"
    unlimited = line.kind == "grant" and not line.counted
    moved = line.change.available
    return {
        "day": _say_day(line.at),
        "text": describe_line(line, lot),
        "note": note,
        "amount": "unlimited" if unlimited else _sign(moved, line.unit) if moved else "–",
    }


def _describe_ticket(statement: Statement, part: TicketPart) -> dict[str, Any]:
    ticket = statement.tickets[part.ticket_id]
    state = part.state
    notes = [part.ticket_id, ticket["category"] or ""]
    if state.held and state.used:
        notes.append(f"{_count(state.used, part.unit)} used besides")
    if state.overage:
        notes.append(f"{_count(state.overage, part.unit)} to be billed")
    if not state.held and not state.used and part.change.available > 0:
        notes.append(f"{_count(part.change.available, part.unit)} given back")
    return {
        "day": _say_day(ticket["opened_at"]),
        "text": ticket["subject"],
        "note": ", ".join(note for note in notes if note),
        "amount": _count(state.held or state.used, part.unit),
    }


def _rows(statement: Statement) -> Iterator[list[Any]]:
    start = None if statement.start is None else write_instant(statement.start)
    end = write_instant(statement.end or statement.as_of)
    for unit, totals in statement.opening.items():
        yield _total_row("opening", start, unit, totals)
    for line in statement.modifications:
        lot = None if line.lot_id is None else statement.lots[line.lot_id]
        entry = line.entry
        yield [
            "modifications",
            write_instant(line.at),
            line.unit,
            describe_line(line, lot),
            *(getattr(line.change, name) for name in PARTS),
            line.ticket_id,
            None,
            entry.order_id if entry else None,
            entry.sequence if entry else None,
            line.kind,
        ]
    for name, parts in (("in_progress", statement.in_progress), ("resolved", statement.resolved)):
        for part in parts:
            ticket = statement.tickets[part.ticket_id]
            yield [
                name,
                write_instant(ticket["opened_at"]),
                part.unit,
                ticket["subject"],
                *(getattr(part.change, each) for each in PARTS),
                part.ticket_id,
                ticket["category"],
                *(None, None, None),
            ]
    for unit, totals in statement.closing.items():
        yield _total_row("closing", end, unit, totals)


def _total_row(part: str, at: str | None, unit: str, totals: UnitTotals) -> list[Any]:
    shown = parts_of(totals)
    return [part, at, unit, None, *(getattr(shown, name) for name in PARTS), *[None] * 5]


def _describe_period(statement: Statement) -> str:
    end = _say(statement.end) if statement.end else _say(statement.as_of)
    return f"{_say(statement.start)} to {end}" if statement.start else f"Until {end}"


def _count(amount: int, unit: str) -> str:
    return f"{amount:,} {unit if abs(amount) == 1 else unit + 's'}"


def _sign(amount: int, unit: str) -> str:
    return ("+" if amount > 0 else "−") + _count(abs(amount), unit)


def _say(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def _say_day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %b %Y}"


def _say_end(at: datetime | None) -> str:
    return "without an end" if at is None else f"until {_say_day(at)}"
