"""Regions of customers: the calendars that stand there for the roles that clauses name."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from app.documents.form.basis.parts import AtMost, Reference
from app.documents.form.basis.problems import Problem, problem
from app.documents.form.basis.values import Code, Text

MOST_ROLES = 20

RegionDocument = Annotated[
    dict[Code, Annotated[Text, Reference("calendar", among="own_calendar")]],
    AtMost(MOST_ROLES, least=1),
]


def list_roles(regions: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the roles that some region names, in the order in which they are named."""
    return list(dict.fromkeys(role for roles in regions.values() for role in roles))


def check_regions(
    regions: Mapping[str, Mapping[str, str]], calendars: Mapping[str, object]
) -> Iterator[Problem]:
    """Return each role that some region leaves without hours, being no calendar by itself."""
    for role in list_roles(regions):
        for region, roles in regions.items():
            if role not in roles and role not in calendars:
                detail = f'The region has no calendar for "{role}", as others have.'
                yield problem("required", detail, "regions", region, role)
