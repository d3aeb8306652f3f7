"""Offers that need a plan: sold only to who has one of those that they name."""

from collections.abc import Collection

from app.domain.access.refusals import Refusal
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.offers import Offer


class PlanNeeded(Refusal):
    """The offer is sold only to who has one of the plans that it needs; `needs` names them."""

    kind = "conflict"
    code = "plan_needed"
    title = "The offer needs a plan"


def require_needed_plan(terms: Catalog, offer: Offer, *, had: Collection[str]) -> None:
    """Refuse with `plan_needed` an offer to an account that `had` none of the plans it needs."""
    if offer.needs and not set(offer.needs) & set(had):
        names = [terms.plans[code].name for code in offer.needs]
        detail = f"{offer.name} is sold only to who has {' or '.join(names)}."
        raise PlanNeeded(detail, needs=list(offer.needs))
