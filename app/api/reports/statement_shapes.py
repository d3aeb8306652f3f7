"""A statement as it is on the wire."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.http.wire import Instant, Wire
from app.api.ledger.balances import UnitsWire, render_units
from app.api.ledger.history_shapes import LineKindWire, PartsWire, render_parts
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.histories import HistoryLine
from app.domain.ledger.ledger import LotSource
from app.domain.ledger.statements import TicketPart
from app.services.reports.statements import AccountStatement


class ModificationWire(Wire):
    """A movement by which units came or went without a ticket."""

    sequence: int | None
    """The number of the movement in its account; null: derived from the clock."""
    derived: bool
    """Whether the line is derived from the clock, without a movement: a lot's term began or
    ended."""
    kind: LineKindWire
    unit: str
    """The unit that is counted: incident, point or minute."""
    amount: int
    """How many units the movement is of."""
    effective_at: Instant
    """The instant at which the movement took effect."""
    change: PartsWire
    """The change that the movement made to the account's units of this kind."""
    lot_id: UUID | None
    """The lot whose units moved; null where the movement is of none."""
    catalog: str | None
    """The catalogue that the lot is of, by its code; null without a lot."""
    plan: str | None
    """The plan that the lot is of, by its code; null without a lot."""
    source: LotSource | None
    """What the lot came from, such as an order or a grant; null without a lot."""
    valid_from: Instant | None
    """The instant from which the lot can be drawn upon; null without a lot."""
    expires_at: Instant | None
    """Until when the lot can be used, as it is now, itself excluded; null: it does not end."""
    ticket_id: str | None
    """The ticket whose units came back after their term, or were granted again; null where it is
    for none."""
    order_id: str | None
    """The order that the movement is for, by the storefront's own id; null where it is for none."""
    reference: str | None
    """The caller's own reference for the movement; null where none was given."""
    cause: str | None
    """The code of what brought the movement about, such as `goodwill`; null where none is
    recorded."""
    reason: str | None
    """The reason for the movement, in words; null where none was given."""
    actor: str | None
    """Who decided on the movement, as the caller names them; null where nobody is named."""


class TicketLineWire(Wire):
    """One ticket on a statement."""

    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    subject: str
    """What the ticket is about, in a line."""
    catalog: str
    """The catalogue that the ticket is charged by, by its code."""
    category: str | None
    """The row of the rate card that prices the ticket; null without one."""
    unit: str
    """The unit that is counted: incident, point or minute."""
    opened_at: Instant
    """The instant at which the ticket was opened."""
    overage: int
    """How many units no lot paid for, which are to be billed."""
    worked: int | None
    """The minutes worked on the ticket by the period's end, however they count; null where another
    unit is charged."""
    change: PartsWire
    """The change that the ticket made to the account's units within the period."""


class InProgressWire(TicketLineWire):
    """A ticket that holds units at the period's end."""

    amount: int
    """How many units the ticket holds at the period's end."""
    used: int
    """How many units the ticket has used besides those that it holds."""


class ResolvedWire(TicketLineWire):
    """A ticket whose units are used for good, or were given back."""

    amount: int
    """How many units the ticket has used by the period's end."""
    outcome: str | None
    """How the ticket was resolved; null where it has not been."""


class StatedPlan(Wire):
    """A plan whose units are on the statement."""

    plan: str
    """The plan's code in its catalogue."""
    name: str
    """The plan's name, as people read it."""


class StatedSeller(Wire):
    """A seller whose units are on the statement."""

    catalog: str
    """The code of the seller's catalogue."""
    title: str
    """The catalogue's title, as people read it."""
    zone: str
    """The time zone in which the seller's days, months and terms turn."""
    plans: list[StatedPlan]
    """The seller's plans whose units are on the statement."""


class StatementWire(Wire):
    """An account's units over a period: what was there, what changed, what is there.

    Opening, and the changes of all three parts, are closing; but of what is granted and available
    there is no number at an end at which a lot without a count runs.
    """

    account_id: str
    """The account, by the seller's own id of the customer."""
    from_: Annotated[Instant | None, Field(alias="from", serialization_alias="from")]
    """The instant at which the period begins; null: with the account."""
    to: Instant | None
    """The instant at which the period ends, itself excluded; null: at `as_of`, itself included."""
    as_of: Instant
    """The instant at which the statement was drawn up."""
    catalog: str | None
    """The only catalogue that is counted, by its code; null: every one."""
    sequence: int
    """The number of the last movement that is counted in."""
    zone: str | None
    """The time zone of the seller's days, in which a page shows dates; null: several sellers have
    several."""
    sellers: list[StatedSeller]
    """The sellers whose units the statement counts, by catalogue."""
    opening: Annotated[
        dict[str, UnitsWire],
        Field(description="The balance before the period, by the unit that it counts."),
    ]
    closing: Annotated[
        dict[str, UnitsWire],
        Field(description="The balance after the period, by the unit that it counts."),
    ]
    modifications: list[ModificationWire]
    """The movements by which units came and went without a ticket, expiry included, in order."""
    in_progress: list[InProgressWire]
    """The tickets that hold units at the period's end."""
    resolved: list[ResolvedWire]
    """The tickets with movements in the period whose units are used for good, or were given
    back."""


def render_statement(statement: AccountStatement) -> StatementWire:
    """Return a statement as it is on the wire."""
    return StatementWire.model_validate(
        {
            "account_id": statement.account_id,
            "from": statement.start,
            "to": statement.end,
            "as_of": statement.as_of,
            "catalog": statement.catalog,
            "sequence": statement.sequence,
            "zone": statement.zone,
            "sellers": [_render_seller(statement, terms) for terms in statement.terms.values()],
            "opening": render_units(statement.opening),
            "closing": render_units(statement.closing),
            "modifications": [
                _render_modification(statement, line) for line in statement.modifications
            ],
            "in_progress": [
                InProgressWire(
                    **_render_ticket(statement, part), amount=part.state.held, used=part.state.used
                )
                for part in statement.in_progress
            ],
            "resolved": [
                ResolvedWire(
                    **_render_ticket(statement, part),
                    amount=part.state.used,
                    outcome=statement.tickets[part.ticket_id].outcome,
                )
                for part in statement.resolved
            ],
        }
    )


def _render_seller(statement: AccountStatement, terms: Catalog) -> StatedSeller:
    held = {lot.plan for lot in statement.lots.values() if lot.catalog == terms.code}
    return StatedSeller(
        catalog=terms.code,
        title=terms.title,
        zone=terms.zone,
        plans=[
            StatedPlan(plan=plan.code, name=plan.name)
            for plan in terms.plans.values()
            if plan.code in held
        ],
    )


def _render_modification(statement: AccountStatement, line: HistoryLine) -> ModificationWire:
    entry = line.entry
    lot = None if line.lot_id is None else statement.lots[line.lot_id]
    return ModificationWire(
        sequence=entry and entry.sequence,
        derived=entry is None,
        kind=line.kind,
        unit=line.unit,
        amount=line.amount,
        effective_at=line.at,
        change=render_parts(line.change),
        lot_id=line.lot_id,
        catalog=lot and lot.catalog,
        plan=lot and lot.plan,
        source=lot and lot.source,
        valid_from=lot and lot.valid_from,
        expires_at=lot and lot.expires_at,
        ticket_id=line.ticket_id,
        order_id=entry.order_id if entry else lot and lot.order_id,
        reference=entry and entry.reference,
        cause=entry and entry.cause,
        reason=entry and entry.reason,
        actor=entry and entry.actor,
    )


def _render_ticket(statement: AccountStatement, part: TicketPart) -> dict[str, Any]:
    ticket = statement.tickets[part.ticket_id]
    return {
        "ticket_id": part.ticket_id,
        "subject": ticket.subject,
        "catalog": ticket.catalog,
        "category": ticket.category,
        "unit": part.unit,
        "opened_at": ticket.opened_at,
        "overage": part.state.overage,
        "worked": statement.worked.get(part.ticket_id, 0) if part.unit == "minute" else None,
        "change": render_parts(part.change),
    }
