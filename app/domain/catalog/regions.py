"""The customer's region: which of a catalogue's regions a sale or a question is for."""

from app.domain.access.refusals import Choice, Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.time.calendar_texts import describe_hours


class UnknownRegion(InvalidPayload):
    """The catalogue has no such region; `choices` has those that it has."""

    code = "unknown_region"
    title = "The catalogue has no such region"


class RegionRequired(InvalidPayload):
    """Hours depend on the customer's region, and none is known; `choices` has them."""

    code = "region_required"
    title = "A region is required"


def choose_region(terms: Catalog, *, named: str | None, accounts: str | None) -> str | None:
    """Return the region that is named, or else the account's; None where hours need none.

    Refuses with `unknown_region`, and with `region_required` where hours depend on one.
    """
    if named is not None:
        require_known_region(named, terms)
        return named
    if accounts in terms.regions:
        return accounts
    if terms.roles:
        known = ", ".join(terms.regions)
        detail = f"Hours depend on the customer's region: name it, or the account's: {known}."
        fault = Fault("/region", detail, RegionRequired.code)
        raise RegionRequired([fault], choices=list_regions(terms))
    return None


def require_known_region(region: str | None, terms: Catalog) -> None:
    """Refuse with `unknown_region` one that the catalogue does not name."""
    if region is not None and region not in terms.regions:
        has = f"has {', '.join(terms.regions)}" if terms.regions else "has no regions"
        detail = f"{terms.title} {has}, and not {region!r}."
        fault = Fault("/region", detail, UnknownRegion.code)
        raise UnknownRegion([fault], choices=list_regions(terms))


def list_regions(terms: Catalog) -> list[Choice]:
    """Return the catalogue's regions, each with the hours that hold there."""
    return [
        Choice(region, region, "; ".join(describe_hours(terms.calendars[each]) for each in used))
        for region, roles in terms.regions.items()
        for used in [dict.fromkeys(roles.values())]
    ]
