"""The kinds of values in a document: texts, codes, durations, dates, and how each is written."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from app.documents.form.basis.problems import refuse
from app.documents.form.basis.surroundings import is_currency
from app.domain.access.pointers import has_control_characters, shorten
from app.domain.catalog.terms import LONGEST_DAYS, LONGEST_MONTHS, Term, is_in_range, parse_term
from app.domain.promises.durations import parse_duration
from app.domain.time.zones import ZoneFault, load_zone
from app.domain.values import Value, field

LONGEST_TEXT = 4000
LONGEST_NAME = 200
LONGEST_SPAN = timedelta(days=3660)
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
CODE_RULE = "A code is 1 to 64 lower-case letters, digits and hyphens, no hyphen first."
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SHARE = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})")


class Written(Value, eq=False):
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


class Read(Value, eq=False):
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
