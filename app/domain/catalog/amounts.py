"""Amounts of units: what is counted, and in words, the seller's own where there are such."""

from collections.abc import Mapping
from typing import Literal

Unit = Literal["incident", "point", "minute"]
# One and several of a unit, or of a site, where the seller has words of its own.
Names = Mapping[str, tuple[str, str]]

_NO_NAMES: Names = {}


def write_amount(amount: int, unit: Unit, names: Names = _NO_NAMES) -> str:
    """Return an amount of units: "1 incident", "1,200 points", "1 hour 30 minutes"."""
    if unit == "minute":
        return _write_minutes(amount)
    return f"{amount:,} {name_unit(unit, amount, names)}"


def write_share(left: int, granted: int, unit: Unit, names: Names = _NO_NAMES) -> str:
    """Return what is left of what was granted: "118 of 120 incidents", "39 of 40 hours"."""
    if unit != "minute":
        return f"{left:,} of {write_amount(granted, unit, names)}"
    if left % 60 == 0 and granted % 60 == 0:
        return f"{left // 60:,} of {_write_minutes(granted)}"
    return f"{_write_minutes(left)} of {_write_minutes(granted)}"


def write_unlimited(unit: Unit, names: Names = _NO_NAMES) -> str:
    """Return units without a count: "unlimited incidents"."""
    return f"unlimited {'hours' if unit == 'minute' else name_unit(unit, 2, names)}"


def name_unit(unit: Unit, amount: int, names: Names = _NO_NAMES) -> str:
    """Return what so many of a unit are called."""
    one, several = names.get(unit) or names.get("unit") or (unit, f"{unit}s")
    return one if amount == 1 else several


def _write_minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours:,} hour{'' if hours == 1 else 's'}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)
