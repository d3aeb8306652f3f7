"""Sentences that say what a week may use of a plan."""

from app.domain.catalog.amounts import Unit, write_amount, write_with_verb
from app.domain.catalog.catalogs import Catalog
from app.domain.ledger.pools import Cap
from app.domain.time.civil_time import write_civil


def describe_cap(cap: Cap, unit: Unit, terms: Catalog) -> str:
    """Return what the week or the month may use, what is left of that, and until when."""
    left = max(0, cap.limit - cap.used - cap.held)
    of_all = write_amount(cap.limit, unit, terms.names)
    of_rest = write_with_verb(left, unit, terms.names)
    until = write_civil(cap.resets_at, terms.zone)
    return f"The {cap.period} may use {of_all} of the plan, and {of_rest} left until {until}."
