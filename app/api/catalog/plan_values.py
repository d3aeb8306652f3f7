"""The values of a plan page: tables, lists and lines, in words; each says if it was chosen.

What was chosen stands in the catalogue where the seller's published terms say nothing.
"""

from collections.abc import Iterable, Sequence

from app.domain.catalog.catalogs import Catalog, SellerContact, Severity
from app.domain.catalog.offers import Offer
from app.domain.catalog.plans import Plan
from app.domain.values import Value, field


class PlanCell(Value):
    """What one plan has of a row. `included` None: neither yes nor no, but what `text` says."""

    plan: str
    text: str
    included: bool | None = None
    detail: str | None = None
    chosen: bool = False


class PlanRow(Value):
    """One thing that plans are compared by; `note` says more of it."""

    label: str
    cells: tuple[PlanCell, ...]
    note: str | None = None
    chosen: bool = False


class Section(Value):
    """Rows that belong together. `note` says what they are about."""

    title: str
    note: str | None
    rows: tuple[PlanRow, ...]


class Sold(Value):
    """An offer as the shop's table shows it."""

    offer: Offer
    term: str
    term_chosen: bool
    allowance: str
    price: str
    listed: str | None
    fee: str | None = None
    needs: str | None = None


class Priced(Value):
    """A row of the rate card in words: "from 100", "120 + 60 × stores"."""

    category: str
    name: str
    text: str


class PriceGroup(Value):
    """Rows of the rate card under one heading."""

    title: str | None
    rows: tuple[Priced, ...]


class Scoped(Value):
    """A subject that support covers or does not; `note` says what else applies."""

    topic: str
    name: str
    note: str | None = None
    chosen: bool = False


class PlanLine(Value):
    """One more term, as a label and what it says."""

    label: str
    text: str
    chosen: bool = False


class Department(Value):
    """Whom a customer can turn to, with the hours in words."""

    contact: SellerContact
    hours: str | None


class PlanPage(Value):
    """A catalogue's whole terms, as a shop shows them."""

    catalog: Catalog
    plans: tuple[Plan, ...]
    sections: tuple[Section, ...]
    sold: tuple[Sold, ...]
    rate_card: tuple[PriceGroup, ...]
    in_scope: tuple[Scoped, ...]
    out_of_scope: tuple[Scoped, ...]
    severities: tuple[Severity, ...]
    terms: tuple[PlanLine, ...]
    departments: tuple[Department, ...]
    by_severity: bool = field(default=False)

    @property
    def counts_points(self) -> bool:
        """Say whether the rate card has prices in points."""
        return any(rate.unit == "point" for rate in self.catalog.rate_card.values())

    @property
    def has_choices(self) -> bool:
        """Say whether anything on the page was chosen where the seller says nothing."""
        cells = (cell for section in self.sections for row in section.rows for cell in row.cells)
        rows = (row for section in self.sections for row in section.rows)
        marked: Iterable[PlanCell | PlanRow | Scoped | PlanLine] = (
            *cells,
            *rows,
            *self.in_scope,
            *self.out_of_scope,
            *self.terms,
        )
        return any(each.chosen for each in marked) or any(each.term_chosen for each in self.sold)


def is_chosen(choices: Sequence[str], *path: str) -> bool:
    """Say whether a `seller_choice` names this place, one around it, or one within it."""
    steps = "/".join(path)
    return any(
        steps == each or steps.startswith(f"{each}/") or each.startswith(f"{steps}/")
        for each in choices
    )
