"""The seller's own words and colours: for units and stores, and for the pages people read."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.documents.form.basis.parts import Listed, Part
from app.documents.form.basis.values import Name

LONGEST_UNIT = 24 * 60
Pair = Annotated[tuple[Name, Name], Listed]


class NamesDocument(Part):
    """What the seller calls things, each for one and for several."""

    unit: Pair | None = None
    """What a unit is called, whatever the plan counts, such as ["task ticket", "task tickets"]."""
    incident: Pair | None = None
    """What an incident is called, such as ["task", "tasks"]."""
    point: Pair | None = None
    """What a point is called, such as ["credit", "credits"]."""
    site: Pair | None = None
    """What a customer's store is called, such as ["server", "servers"]."""


class TimeUnitDocument(Part):
    """The unit in which the seller sells and counts time: so many minutes."""

    name: Name
    """The name of one of them, such as credit."""
    plural: Name
    """The name of several of them, such as credits."""
    minutes: Annotated[int, Field(ge=2, le=LONGEST_UNIT)]
    """How many minutes one of them is; each that is begun counts."""


class BrandingDocument(Part):
    """How the seller's pages look, and which language their own words are in."""

    accent: (
        Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), Field(examples=["#1f5fbf"])]
        | None
    ) = None
    """The colour of the rule at the top of each page."""
    logo_url: (
        Annotated[
            str,
            StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(:\d{1,5})?/[^\s\x22'<>;,]{0,400}$"),
        ]
        | None
    ) = None
    """A picture that stands above the title, fetched by whoever looks at the page."""
    language: Literal["en", "ru", "de"] | None = None
    """The language of the pages' own words, where none is asked for."""
