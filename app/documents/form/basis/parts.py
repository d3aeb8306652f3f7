"""Parts of a document: their base, lists, and names of other parts."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from app.documents.descriptions import describe_properties
from app.documents.form.basis.problems import Problem, problem, refuse, refuse_all
from app.documents.form.basis.surroundings import LONGEST_LIST, Surroundings
from app.documents.form.basis.values import Code, Language, Span, Text
from app.domain.access.pointers import shorten
from app.domain.catalog.catalogs import MOST_SEVERITIES
from app.domain.catalog.channels import Channel
from app.domain.values import Value

MOST_SETS = 16
MOST_BUSINESS_DAYS = 2600
LEVELS = tuple(str(level) for level in range(1, MOST_SEVERITIES + 1))
# Either form of a value that may be a plain one or a table; in no pointer.
PLAIN, TABLE = "<plain>", "<table>"
Several = TypeVar("Several")


class Part(BaseModel):
    """A table of a document: unknown fields are refused, and null is no value.

    `check` finds what its fields, each sound by itself, contradict in one another.
    """

    # Made ready with the document that it is part of, when one is first read.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let a field be left out where it may be None, but not be given as null."""
        schema = handler(source)
        inner: Any = schema
        while inner["type"] != "model-fields":
            inner = inner["schema"]
        for each in inner["fields"].values():
            given = each["schema"]
            if given["type"] == "default" and given["schema"]["type"] == "nullable":
                given["schema"] = given["schema"]["schema"]
        return schema

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Write the schema with what stands below the fields, and without empty defaults."""
        written = handler(schema)
        properties = handler.resolve_ref_schema(written).get("properties", {})
        describe_properties(cls, properties)
        for shape in properties.values():
            shape.pop("title", None)
            if shape.get("default", ...) in (None, [], {}):
                del shape["default"]
        return written

    @model_validator(mode="before")
    @classmethod
    def _bound(cls, value: object) -> object:
        if isinstance(value, Mapping) and len(value) > LONGEST_LIST:
            raise refuse("too_many_items", f"There may be {LONGEST_LIST} fields at most.")
        return value

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Self:
        refuse_all(self.check(info.context or Surroundings(names={})))
        return self

    def check(self, around: Surroundings) -> Iterator[Problem]:
        """Return what its fields contradict in one another, or in what is around it."""
        return iter(())

    def gives(self, name: str) -> bool:
        """Say whether the document gives this field."""
        return name in self.model_fields_set


# Lists


def _differ(values: tuple[Several, ...]) -> tuple[Several, ...]:
    """Refuse what a list has twice."""
    if len(set(values)) != len(values):
        refuse_all(
            problem("duplicate", f"{shorten(str(value))} is listed twice.", position)
            for position, value in enumerate(values)
            if value in values[:position]
        )
    return values


def _read_list(value: object) -> object:
    """Let a list be one, which JSON and TOML have, and not a tuple."""
    return tuple(value) if isinstance(value, list) else value


Listed = BeforeValidator(_read_list)
Different = AfterValidator(_differ)
Texts = Annotated[tuple[Text, ...], Field(max_length=LONGEST_LIST), Listed, Different]
Codes = Annotated[tuple[Code, ...], Field(max_length=LONGEST_LIST), Listed, Different]
Languages = Annotated[tuple[Language, ...], Field(max_length=LONGEST_LIST), Listed, Different]


class ChosenPart(Part):
    """A part in which the seller may have decided what the published terms leave open."""

    seller_choice: Texts = ()
    """Fields of this table, by path, that the seller chose where the terms say nothing."""


# References


class Reference(Value):
    """A name of something that the document defines elsewhere.

    `among` is the list of names that it is one of, where that is not all of its kind.
    """

    kind: str
    among: str | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        # A number or one of few words is better shown by what it may be.
        return (
            written if {"enum", "maximum"} & written.keys() else {**written, "x-names": self.kind}
        )

    def _check(self, value: str | int, info: ValidationInfo) -> str | int:
        around: Surroundings | None = info.context
        if around is not None and str(value) not in around.names[self.among or self.kind]:
            detail = around.explain_unknown(self.kind, str(value))
            raise refuse(f"unknown_{self.kind}", detail)
        return value


CalendarName = Annotated[Text, Reference("calendar")]
PlanName = Annotated[Text, Reference("plan")]
PlanNames = Annotated[tuple[PlanName, ...], Field(max_length=LONGEST_LIST), Listed, Different]
HolidaySetNames = Annotated[
    tuple[Annotated[Text, Reference("holiday_set")], ...],
    Field(max_length=MOST_SETS),
    Listed,
    Different,
]
PromiseSetNames = Annotated[
    tuple[Annotated[Text, Reference("promise_set")], ...],
    Field(max_length=MOST_SETS),
    Listed,
    Different,
]
TopicNames = Annotated[
    tuple[Annotated[Text, Reference("topic")], ...],
    Field(max_length=LONGEST_LIST),
    Listed,
    Different,
]
CategoryNames = Annotated[
    tuple[Annotated[Text, Reference("category")], ...],
    Field(max_length=LONGEST_LIST),
    Listed,
    Different,
]
SeverityLevels = Annotated[
    tuple[Annotated[int, Field(ge=1, le=MOST_SEVERITIES), Reference("severity")], ...],
    Field(max_length=LONGEST_LIST),
    Listed,
]
ChannelNames = Annotated[
    tuple[Annotated[Channel, Reference("channel")], ...],
    Field(max_length=LONGEST_LIST),
    Listed,
    Different,
]


# Named tables


class AtMost(Value):
    """An object of no more fields than this, which is asked before any of them is read."""

    most: int
    least: int = 0

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        bounds = {"minProperties": self.least} if self.least else {}
        return {**handler(schema), "maxProperties": self.most, **bounds}

    def _check(self, value: object) -> object:
        if isinstance(value, Mapping) and len(value) > self.most:
            raise refuse("too_many_items", f"There may be {self.most:,} at most.")
        return value


def shape_of(value: object) -> Literal["<plain>", "<table>"]:
    """Return which of two forms a value has that may be plain or a table."""
    return "<table>" if isinstance(value, Mapping | BaseModel) else "<plain>"


class BusinessDaysDocument(Part):
    """A number of business days of a calendar."""

    business_days: int = Field(ge=0, le=MOST_BUSINESS_DAYS)
    """The number of business days, each of the calendar that is named beside."""
    end_of_day: bool = False
    """Whether the time ends when the last of these days closes: after that of the request, so that
    1 is the next one, and 0 the same."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if not self.business_days and not self.end_of_day:
            yield problem("out_of_range", "It must be 1 or more.", "business_days")


Within = Annotated[
    Annotated[Span, Tag(PLAIN)] | Annotated[BusinessDaysDocument, Tag(TABLE)],
    Discriminator(shape_of),
]
