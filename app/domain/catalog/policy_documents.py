"""Parses a seller's policies, discounts and contacts."""

from collections.abc import Collection

from app.domain.catalog.catalogs import Contact, Discount, Policies, ReturnedUnits, WithoutPlan
from app.domain.catalog.document_reading import LONGEST_NAME, Table
from app.domain.catalog.offer_documents import parse_term_field
from app.domain.catalog.scope_documents import MOST_SESSIONS
from app.domain.catalog.terms import LONGEST_DAYS, LONGEST_MONTHS

WITHOUT_PLAN: tuple[WithoutPlan, ...] = ("refuse", "on_demand")
RETURNED_UNITS: tuple[ReturnedUnits, ...] = ("expire", "grace")


def parse_policies(document: Table) -> Policies:
    """Return what the seller does where the plans leave it open."""
    table = document.table("policies") or Table({}, "/policies", [])
    return Policies(
        without_plan=table.choice("without_plan", WITHOUT_PLAN),
        without_plan_text=table.text("without_plan_text"),
        returned_units=table.choice("returned_units", RETURNED_UNITS),
        grace_days=table.integer("grace_days", low=1, high=LONGEST_DAYS),
        bug_report_to=table.text_or_none("bug_report_to"),
        bug_promises=table.flag("bug_promises", default=True),
        ignore_www=table.flag("ignore_www", default=True),
        sessions_at_once=table.integer("sessions_at_once", low=1, high=MOST_SESSIONS, default=1),
        grant_term=parse_term_field(table, "grant_term"),
        seller_choice=table.end(),
    )


def parse_discounts(document: Table) -> tuple[Discount, ...]:
    """Return the discounts, the one for the shortest contract first."""
    discounts: list[Discount] = []
    for table in document.tables("discounts"):
        discount = Discount(
            contract_months=table.integer("contract_months", low=1, high=LONGEST_MONTHS),
            percent=table.integer("percent", low=1, high=100),
        )
        if discount.contract_months in {other.contract_months for other in discounts}:
            detail = f"Another discount begins at {discount.contract_months} months."
            table.fault("duplicate", detail, "contract_months")
        discounts.append(discount)
        table.end()
    return tuple(sorted(discounts, key=lambda discount: discount.contract_months))


def parse_contacts(document: Table, calendars: Collection[str]) -> tuple[Contact, ...]:
    """Return the departments a customer can turn to, in the document's order."""
    return tuple(_parse_contact(table, calendars) for table in document.tables("contacts"))


def _parse_contact(table: Table, calendars: Collection[str]) -> Contact:
    contact = Contact(
        department=table.text("department", longest=LONGEST_NAME),
        email=table.text_or_none("email", longest=LONGEST_NAME),
        phones=table.texts("phones"),
        hours=table.reference_or_none("hours", "calendar", calendars),
        note=table.text_or_none("note"),
    )
    if contact.email and "@" not in contact.email[1:-1]:
        table.fault("invalid_email", "An e-mail address has an @ in it.", "email")
    table.end()
    return contact
