"""What every part of a document is made of: its base, and the kinds of values in it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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
from app.documents.problems import Problem, problem, refuse, refuse_all
from app.documents.surroundings import LONGEST_LIST, Surroundings, is_currency
from app.domain.access.pointers import has_control_characters, shorten
from app.domain.catalog.catalogs import Channel, Term
from app.domain.catalog.terms import LONGEST_DAYS, LONGEST_MONTHS, is_in_range, parse_term
from app.domain.promises.durations import parse_duration
from app.domain.time.zones import ZoneFault, load_zone

LONGEST_TEXT = 4000
LONGEST_NAME = 200
LONGEST_SPAN = timedelta(days=3660)
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
CODE_RULE = "A code is 1 to 64 lower-case letters, digits and hyphens, no hyphen first."
LEVELS = ("1", "2", "3", "4")
# Either form of a value that may be a plain one or a table; in no pointer.
PLAIN, TABLE = "<plain>", "<table>"
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SHARE = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})")
Value = TypeVar("Value")


class Part(BaseModel):
    """A table of a document: unknown fields are refused, and null is no value.

    `check` finds what its fields, each sound by itself, contradict in one another.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

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


# Texts


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A value written as a text: `read` returns it, or raises what is wrong with the text."""

    read: Callable[[str], object] = str
    longest: int = LONGEST_TEXT
    shape: Mapping[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        text = core_schema.str_schema(strict=True)
        return core_schema.no_info_after_validator_function(self._read, text)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        bounds = {"minLength": 1, "maxLength": self.longest}
        return {**handler(schema), **(self.shape or bounds)}

    def _read(self, text: str) -> object:
        if not text.strip():
            raise refuse("empty", "It must not be empty.")
        if len(text) > self.longest:
            raise refuse("too_long", f"It may have {self.longest:,} characters at most.")
        if has_control_characters(text):
            raise refuse(
                "invalid_text", "It has a control character or half a surrogate pair in it."
            )
        return self.read(text)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A value written as its `shape` says: `read` returns it, or raises what is wrong with it."""

    read: Callable[[Any], object]
    shape: Mapping[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return dict(self.shape)


def _read_code(text: str) -> str:
    if not CODE.fullmatch(text):
        raise refuse("invalid_code", CODE_RULE)
    return text


def _read_language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise refuse("invalid_code", 'A language is a BCP 47 tag like "en" or "pt-BR".')
    return text


def _read_zone(text: str) -> str:
    try:
        return load_zone(text).name
    except ZoneFault as fault:
        raise refuse(fault.code, fault.detail) from None


def _read_currency(text: str) -> str:
    if not is_currency(text):
        raise refuse("unknown_currency", 'A currency is an ISO 4217 code in capitals, like "EUR".')
    return text


def _read_email(text: str) -> str:
    if "@" not in text[1:-1]:
        raise refuse("invalid_email", "An e-mail address has an @ in it.")
    return text


def _read_term(text: str) -> Term:
    try:
        term = parse_term(text)
    except ValueError as reason:
        raise refuse("invalid_term", str(reason)) from None
    if not is_in_range(term):
        detail = f"A term is 1 to {LONGEST_MONTHS} months, or 1 to {LONGEST_DAYS:,} days."
        raise refuse("out_of_range", detail)
    return term


def _read_span(text: str) -> timedelta:
    try:
        span = parse_duration(text)
    except ValueError as reason:
        raise refuse("invalid_duration", str(reason)) from None
    if not timedelta() < span <= LONGEST_SPAN:
        detail = f"It must be longer than nothing and {LONGEST_SPAN.days:,} days at most."
        raise refuse("out_of_range", detail)
    return span


def _read_share(text: str) -> tuple[int, int]:
    found = _SHARE.fullmatch(text)
    numerator, denominator = (int(found[1]), int(found[2])) if found else (2, 1)
    if numerator > denominator:
        raise refuse("out_of_range", 'A share is written like "1/2", and is at most all of it.')
    return numerator, denominator


Text = Annotated[str, Written()]
Name = Annotated[str, Written(longest=LONGEST_NAME)]
Code = Annotated[str, Written(_read_code, shape={"pattern": f"^{CODE.pattern}$"})]
Language = Annotated[str, Written(_read_language, shape={"pattern": f"^{_LANGUAGE.pattern}$"})]
ZoneName = Annotated[
    str, Written(_read_zone, LONGEST_NAME, shape={"examples": ["Europe/Berlin", "+02:00"]})
]
CurrencyCode = Annotated[
    str, Written(_read_currency, LONGEST_NAME, shape={"pattern": "^[A-Z]{3}$"})
]
Email = Annotated[
    str, Written(_read_email, LONGEST_NAME, shape={"examples": ["help@shop.example"]})
]
TermText = Annotated[
    Term, Written(_read_term, LONGEST_NAME, shape={"examples": ["P1Y", "P6M", "P30D"]})
]
Span = Annotated[timedelta, Written(_read_span, shape={"examples": ["PT8H", "PT90M", "P2D"]})]
Share = Annotated[tuple[int, int], Written(_read_share, shape={"pattern": f"^{_SHARE.pattern}$"})]


def read_day(value: object) -> date:
    """Read a date written `2026-12-25`; TOML's own dates are as good."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        shown = f'"{shorten(value)}"' if isinstance(value, str) else "It"
        raise refuse("invalid_date", f'{shown} is not a date like "2026-12-25".')
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise refuse("invalid_date", f"There is no date {value}.") from None


Day = Annotated[date, Read(read_day, {"type": "string", "format": "date"})]


# Lists


def _differ(values: tuple[Value, ...]) -> tuple[Value, ...]:
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


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of something that the document defines elsewhere."""

    kind: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._check, handler(source))

    def _check(self, value: str | int, info: ValidationInfo) -> str | int:
        around: Surroundings | None = info.context
        if around is not None and str(value) not in around.names[self.kind]:
            detail = around.explain_unknown(self.kind, str(value))
            raise refuse(f"unknown_{self.kind}", detail)
        return value


CalendarName = Annotated[Text, Reference("calendar")]
PlanName = Annotated[Text, Reference("plan")]
TopicNames = Annotated[
    tuple[Annotated[Text, Reference("topic")], ...],
    Field(max_length=LONGEST_LIST),
    Listed,
    Different,
]
SeverityLevels = Annotated[
    tuple[Annotated[int, Field(ge=1, le=4), Reference("severity")], ...],
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


@dataclass(frozen=True, slots=True)
class AtMost:
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

    business_days: int = Field(ge=1, le=2600)
    """How many business days it takes."""


Within = Annotated[
    Annotated[Span, Tag(PLAIN)] | Annotated[BusinessDaysDocument, Tag(TABLE)],
    Discriminator(shape_of),
]
