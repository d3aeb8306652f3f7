"""Months of catalogues as a table that a report is joined with: each has its own zone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, DateTime, Text, bindparam, column, func


class CatalogMonth(NamedTuple):
    """One month of one catalogue, half-open, in the zone in which it is reported."""

    catalog: str
    name: str
    start: datetime
    end: datetime


_TEXTS, _INSTANTS = ARRAY(Text), ARRAY(DateTime(timezone=True))
MONTHS = (
    func.unnest(
        bindparam("month_catalogs", type_=_TEXTS),
        bindparam("month_names", type_=_TEXTS),
        bindparam("month_starts", type_=_INSTANTS),
        bindparam("month_ends", type_=_INSTANTS),
    )
    .table_valued(
        column("catalog", Text),
        column("name", Text),
        column("start", DateTime(timezone=True)),
        column("finish", DateTime(timezone=True)),
    )
    .render_derived(name="months")
)


def month_parameters(months: Sequence[CatalogMonth]) -> dict[str, Any]:
    """Return the parameters of a statement that is joined with `MONTHS`."""
    return {
        "month_catalogs": [month.catalog for month in months],
        "month_names": [month.name for month in months],
        "month_starts": [month.start for month in months],
        "month_ends": [month.end for month in months],
    }
