"""Shapes on the wire: their base, and instants, money, ids, text, and lists."""

import base64
import json
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, Generic, Literal, TypeVar, dataclass_transform

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic.warnings import UnsupportedFieldAttributeWarning
from pydantic_core import CoreSchema

from app.documents.descriptions import describe_properties
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import MOST_SEVERITIES
from app.domain.catalog.money import Money
from app.domain.time.instants import write_instant

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$"
CODE_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
LARGEST_AMOUNT = 1_000_000_000
# Its beginning is enough: what follows is the parser's, but for times written as numbers.
_RFC3339 = re.compile(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
# What the standard library reads as the parser does, in a third of the time.
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
# Control characters but for tabs and line ends, and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
# Before these there was no support, and beyond them the store knows only infinity.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_OUTSIDE = "an instant lies in the years 1900 to 9999"
_LARGEST_PLACE = 2**31 - 1
# Up to here every language of clients has whole numbers.
_EXACT = 2**53 - 1
# FastAPI gives a body's shape a name and hushes this where the shape is made ready at once.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
Item = TypeVar("Item")
Shape = TypeVar("Shape")


class InvalidCursor(InvalidPayload):
    """The cursor is not one that a list gave."""

    code = "invalid_cursor"
    title = "The cursor is not valid"


class Wire(BaseModel):
    """A shape on the wire: unknown fields are refused."""

    # Made ready when it is first used: to make all of them so is a good part of a start.
    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _describe(cls, schema, handler)


@dataclass_transform(kw_only_default=True)
def reply(shape: type[Shape]) -> type[Shape]:
    """Make a shape that is only ever answered: its values are ours, so that none is checked again.

    Where a reply has fifty of them, checking is most of what it costs. Not frozen, for that is
    most of what making them costs then.
    """
    made = dataclass(kw_only=True, slots=True)(shape)
    made.__pydantic_config__ = ConfigDict(defer_build=True)  # type: ignore[attr-defined]
    made.__get_pydantic_json_schema__ = classmethod(_describe)  # type: ignore[attr-defined]
    return made


def _describe(
    shape: type[Any], schema: CoreSchema, handler: GetJsonSchemaHandler
) -> JsonSchemaValue:
    """Return a shape's schema with what stands below its fields."""
    written = handler(schema)
    describe_properties(shape, handler.resolve_ref_schema(written).get("properties", {}))
    return written


def _require_text_instant(value: object) -> object:
    """Return an instant as it is mostly written, or what may be one and is left to the parser."""
    if isinstance(value, str):
        if _USUAL.match(value):
            try:
                return datetime.fromisoformat(value)
            except ValueError:  # no such date: the parser says so
                return value
        if _RFC3339.match(value):
            return value
    elif isinstance(value, datetime):
        return value
    raise ValueError("an instant is a string such as 2026-11-20T16:30:00+01:00 (RFC 3339)")


def _require_offset(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        instant = at
    elif at.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC: Z, or such as +01:00")
    else:
        try:
            instant = at.astimezone(UTC)
        except OverflowError:
            raise ValueError(_OUTSIDE) from None
    if not EARLIEST <= instant <= _LATEST:
        raise ValueError(_OUTSIDE)
    return instant


def require_storable(text: str) -> str:
    if found := _UNSTORABLE.search(text):
        if found[0] < " ":
            raise ValueError("control characters are not taken")
        raise ValueError("the text is not valid Unicode")
    return text


def _require_storable_json(value: object) -> object:
    stack = [(value, 0)]
    while stack:
        each, depth = stack.pop()
        if depth > 16:
            raise ValueError("nested more than 16 deep")
        if isinstance(each, str):
            require_storable(each)
        elif isinstance(each, float) and not isfinite(each):
            raise ValueError("NaN and infinities are no JSON")
        elif isinstance(each, dict):
            stack += [(name, depth + 1) for name in each]
            stack += [(inner, depth + 1) for inner in each.values()]
        elif isinstance(each, list):
            stack += [(inner, depth + 1) for inner in each]
    if len(json.dumps(value)) > 16_384:
        raise ValueError("larger than 16 KiB")
    return value


# In UTC once it is read, and so written with Z.
Instant = Annotated[
    datetime,
    BeforeValidator(_require_text_instant),
    AfterValidator(_require_offset),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Id = Annotated[
    str,
    StringConstraints(pattern=ID_PATTERN),
    Field(description="An id of the caller's own choice.", examples=["c-1042"]),
]
Code = Annotated[
    str,
    StringConstraints(pattern=CODE_PATTERN),
    Field(description="A code that the catalogue defines.", examples=["livecart"]),
]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=500), AfterValidator(require_storable)
]
LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=4_000), AfterValidator(require_storable)
]
Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"),
    AfterValidator(require_storable),
]
SiteUrl = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000),
    AfterValidator(require_storable),
    Field(
        description="The URL of a store, or of a page in it.", examples=["https://shop.example/eu"]
    ),
]
Amount = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, strict=True)]
SeverityLevel = Annotated[int, Field(ge=1, le=MOST_SEVERITIES, strict=True)]
Metadata = Annotated[dict[str, Any], AfterValidator(_require_storable_json)]
Reference = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(require_storable),
    Field(
        description="Unique in the account for ever: the same request again is done once.",
        examples=["goodwill-2026-118"],
    ),
]

AccountId = Annotated[
    str,
    Path(pattern=ID_PATTERN, description="The account, by the seller's own id of the customer."),
]
TicketId = Annotated[
    str, Path(pattern=ID_PATTERN, description="The ticket, by the helpdesk's own id.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="The most items to return on one page.")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=1_000,
        description="The `next_cursor` of the page before; left out, the list is read from its"
        " beginning.",
    ),
]

LastSequence = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**62,
        description="The number of the last movement to count in, with which the answer never"
        " changes; default the newest.",
    ),
]
Order = Annotated[
    Literal["asc", "desc"],
    Query(description="Whether the newest come first (`desc`, the default) or the oldest (`asc`)."),
]
IdOrder = Annotated[
    Literal["asc", "desc"],
    Query(description="The order of the ids: `asc` from the first to the last, `desc` back."),
]
NumberOrder = Annotated[
    Literal["asc", "desc"],
    Query(
        description="The order of the numbers: `asc` from the first movement on, `desc` from the"
        " last one back."
    ),
]
DueOrder = Annotated[
    Literal["asc", "desc"],
    Query(
        description="Whether what runs out first comes first (`asc`, the default) or what runs out"
        " last (`desc`)."
    ),
]
OnlyOrder = Annotated[
    Literal["asc"], Query(description="The list has one order only, `asc`: the oldest first.")
]


class MoneyWire(Wire):
    """An amount of money in minor units: 67333 USD is $673.33."""

    amount: Annotated[int, Field(strict=True, ge=-_EXACT, le=_EXACT, examples=[39900])]
    """The amount in the currency's minor unit, such as cents: 39900 of EUR is €399.00."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["EUR"])]
    """The currency, by its ISO 4217 code, such as `EUR`."""

    def as_money(self) -> Money:
        return Money(self.amount, self.currency)


class Page(Wire, Generic[Item]):
    """One page of a list, and where the next one begins."""

    # A parametrized model has no docstring of its own.
    model_config = ConfigDict(
        json_schema_extra={"description": "One page of a list, and where the next one begins."}
    )

    data: list[Item]
    """The items of this page, in the order of the list."""
    next_cursor: str | None
    """The `cursor` to send for the next page; null on the last page."""


def render_money(money: Money | None) -> MoneyWire | None:
    """Return money as it is on the wire."""
    return None if money is None else MoneyWire(amount=money.amount, currency=money.currency)


def write_cursor(*parts: object) -> str:
    """Return an opaque cursor that holds these parts."""
    shown = [write_instant(part) if isinstance(part, datetime) else part for part in parts]
    packed = json.dumps(shown, default=str, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type, place: str = "/cursor") -> tuple[Any, ...] | None:
    """Return a cursor's parts, each of its kind; refuse with `invalid_cursor`, at `place`."""
    if cursor is None:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        parts = json.loads(packed)
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError("another number of parts")
        return tuple(_read_part(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, RecursionError):
        detail = "The cursor is not one that this list gave."
        raise InvalidCursor([Fault(place, detail, InvalidCursor.code)]) from None


def _read_part(part: object, kind: type) -> object:
    if kind is bool or kind is int:
        if type(part) is kind and 0 <= part <= _LARGEST_PLACE:
            return part
        raise ValueError("another kind of part")
    if not isinstance(part, str):
        raise ValueError("another kind of part")
    if kind is datetime:
        return _require_offset(datetime.fromisoformat(part))
    return kind(require_storable(part))
