"""Instants as integers: microseconds since 1970-01-01T00:00:00Z, negative before it."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from app.domain.access.refusals import Kind, Refusal

MICROS_PER_SECOND = 1_000_000
MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
_NAIVE_EPOCH = EPOCH.replace(tzinfo=None)


class InstantOutOfRange(Refusal):
    """An instant lies outside the years that calendars are known for."""

    kind: ClassVar[Kind] = "invalid"
    code = "instant_out_of_range"
    title = "The instant is out of range"


def to_micros(at: datetime) -> int:
    """Return an aware datetime as microseconds since the epoch, exactly."""
    return span_to_micros(at - EPOCH)


def from_micros(at: int) -> datetime:
    """Return an instant as a datetime in UTC, exactly.

    Raises `InstantOutOfRange` for what lies before year 1 or after year 9999.
    """
    try:
        return EPOCH + timedelta(microseconds=at)
    except OverflowError:
        raise _out_of_range() from None


def _out_of_range() -> InstantOutOfRange:
    return InstantOutOfRange("The instant lies outside the years 1 to 9999.")


def span_to_micros(span: timedelta) -> int:
    """Return a span in microseconds, exactly."""
    return (span.days * 86_400 + span.seconds) * MICROS_PER_SECOND + span.microseconds


def write_instant(at: datetime) -> str:
    """Return an instant as RFC 3339 in UTC, with `Z`, and microseconds where there are any."""
    instant = at if at.tzinfo is UTC else at.astimezone(UTC)
    return f"{instant.isoformat()[:-6]}Z"


def write_micros(at: int) -> str:
    """Return an instant in microseconds as `write_instant` does, in one go."""
    try:
        return f"{(_NAIVE_EPOCH + timedelta(microseconds=at)).isoformat()}Z"
    except OverflowError:
        raise _out_of_range() from None


def format_instant(at: int) -> str:
    """Return an instant as a refusal writes it: RFC 3339 in UTC."""
    try:
        return write_instant(from_micros(at))
    except InstantOutOfRange:
        return f"an instant {'before year 1' if at < 0 else 'after year 9999'}"
