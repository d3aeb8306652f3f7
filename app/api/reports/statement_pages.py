"""A statement for people: as a page, and as a table for a spreadsheet."""

from collections.abc import Iterator
from typing import Any

from fastapi.responses import HTMLResponse

from app.api.http.replies.pages import render_page
from app.api.pages.words import Language, Words, name_zone, words_of
from app.api.reports.statement_texts import (
    describe_line,
    describe_modifications,
    describe_ticket,
    zone_of,
)
from app.domain.catalog.catalogs import Branding
from app.domain.ledger.histories import PARTS, parts_of
from app.domain.ledger.ledger import UnitTotals
from app.domain.time.instants import write_instant
from app.domain.values import Value
from app.services.reports.statements import AccountStatement

STATEMENT_COLUMNS = (
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


class UnitCard(Value):
    """What there is of one unit: in one figure, and what became of the rest."""

    left: str
    rest: str


def render_statement_page(statement: AccountStatement, language: Language | None) -> HTMLResponse:
    """Return a statement as a page of its own: no script, no picture, legible on a phone."""
    sellers = list(statement.terms.values())
    one = sellers[0] if len(sellers) == 1 else None
    words = Words(language or "en") if one is None else words_of(one, language)
    zone = statement.zone or "UTC"
    zones = dict.fromkeys(name_zone(zone_of(statement, each.code)) for each in sellers)
    return render_page(
        "statement.html",
        words=words,
        branding=Branding() if one is None else one.branding,
        statement=statement,
        sellers=", ".join(each.title for each in sellers),
        plans=", ".join(_name_plans(statement)),
        zones=", ".join(zones),
        units=[
            _describe_units(unit, opening, statement.closing[unit], words)
            for unit, opening in statement.opening.items()
        ],
        modifications=list(describe_modifications(statement, words)),
        in_progress=[describe_ticket(statement, part, words) for part in statement.in_progress],
        resolved=[describe_ticket(statement, part, words) for part in statement.resolved],
        period=_describe_period(statement, zone, words),
        drawn_up=words(
            "drawn_up",
            time=words.instant(statement.as_of, zone),
            zone=name_zone(zone),
            sequence=statement.sequence,
        ),
    )


def statement_rows(statement: AccountStatement) -> Iterator[list[Any]]:
    """Yield a statement as a table: of each unit, all rows but the last add up to the last.

    What is granted and available has no number where a lot without a count runs.
    """
    start = None if statement.start is None else write_instant(statement.start)
    end = write_instant(statement.end or statement.as_of)
    for unit, totals in statement.opening.items():
        yield _total_row("opening", start, unit, totals)
    for line in statement.modifications:
        entry = line.entry
        yield [
            "modifications",
            write_instant(line.at),
            line.unit,
            describe_line(statement, line, Words("en")),
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
                write_instant(ticket.opened_at),
                part.unit,
                ticket.subject,
                *(getattr(part.change, each) for each in PARTS),
                part.ticket_id,
                ticket.category,
                *(None, None, None),
            ]
    for unit, totals in statement.closing.items():
        yield _total_row("closing", end, unit, totals)


def _total_row(part: str, at: str | None, unit: str, totals: UnitTotals) -> list[Any]:
    shown = {name: getattr(parts_of(totals), name) for name in PARTS}
    text = None
    if totals.unlimited:
        words = Words("en")
        text = words("unlimited", units=words.noun(unit))
        shown |= {"granted": None, "available": None}
    return [part, at, unit, text, *shown.values(), *[None] * 5]


def _name_plans(statement: AccountStatement) -> Iterator[str]:
    held = {(lot.catalog, lot.plan) for lot in statement.lots.values()}
    for terms in statement.terms.values():
        for plan in terms.plans.values():
            if (terms.code, plan.code) in held:
                yield plan.name


def _describe_units(unit: str, opening: UnitTotals, closing: UnitTotals, words: Words) -> UnitCard:
    parts = [
        words(
            "before",
            amount=words("unlimited_amount")
            if opening.unlimited
            else words.units(opening.available, unit),
        ),
        words("captured", amount=words.units(closing.held, unit)),
        words("used", amount=words.units(closing.used, unit)),
        words("expired", amount=words.units(closing.expired, unit)),
    ]
    if closing.revoked:
        parts.append(words("taken_back", amount=words.units(closing.revoked, unit)))
    if closing.upcoming:
        parts.append(words("to_come", amount=words.units(closing.upcoming, unit)))
    left = words("units_left", amount=words.units(closing.available, unit))
    if closing.unlimited:
        left = words("unlimited", units=words.noun(unit))
    return UnitCard(left, ", ".join(parts))


def _describe_period(statement: AccountStatement, zone: str, words: Words) -> str:
    """Return the period: in whole days, of which the last is named, or to the minute."""
    start, end = statement.start, statement.end
    if end is not None and words.begins_day(end, zone):
        last = words.last_day(end, zone)
    else:
        last = words.instant(end or statement.as_of, zone)
    if start is None:
        return words("all_until", end=last)
    whole = words.begins_day(start, zone)
    first = words.day(start, zone) if whole else words.instant(start, zone)
    return words("from_to", start=first, end=last)
