"""Amounts of units: what is counted, and in words, the seller's own where there are such."""

from collections.abc import Mapping
from typing import Literal

from app.domain.values import Value, field

Unit = Literal["incident", "point", "minute"]


class TimeUnit(Value):
    """A seller's unit of so many minutes: what one of them is called, and several."""

    one: str
    several: str
    minutes: int


class Names(Value):
    """A seller's own words, one and several, for units and sites; and the unit of their time."""

    own: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    time: TimeUnit | None = None

    def find(self, thing: str) -> tuple[str, str] | None:
        """Return what one and several of a unit or a site are called; None: as usual."""
        if thing == "minute":
            return None if self.time is None else (self.time.one, self.time.several)
        if thing in ("incident", "point"):
            return self.own.get(thing) or self.own.get("unit")
        return self.own.get(thing)


NO_NAMES = Names()


def write_amount(amount: int, unit: Unit, names: Names = NO_NAMES) -> str:
    """Return an amount of units: "1 incident", "1,200 points", "1 hour 30 minutes", "6 credits"."""
    if unit == "minute":
        return _write_time(amount, names.time)
    return f"{amount:,} {name_unit(unit, amount, names)}"


def write_with_verb(amount: int, unit: Unit, names: Names = NO_NAMES) -> str:
    """Return an amount with its verb: "1 incident is", "1 hour is", "1 hour 30 minutes are"."""
    whole = 60 if names.time is None else names.time.minutes
    single = amount == 1 or (unit == "minute" and amount == whole)
    return f"{write_amount(amount, unit, names)} {'is' if single else 'are'}"


def write_share(left: int, granted: int, unit: Unit, names: Names = NO_NAMES) -> str:
    """Return what is left of what was granted: "118 of 120 incidents", "39 of 40 hours"."""
    if unit != "minute":
        return f"{left:,} of {write_amount(granted, unit, names)}"
    size = 60 if names.time is None else names.time.minutes
    if left % size == 0 and granted % size == 0:
        return f"{left // size:,} of {_write_time(granted, names.time)}"
    return f"{_write_time(left, names.time)} of {_write_time(granted, names.time)}"


def write_unlimited(unit: Unit, names: Names = NO_NAMES) -> str:
    """Return units without a count: "unlimited incidents"."""
    return f"unlimited {name_several(unit, names)}"


def name_several(unit: Unit, names: Names = NO_NAMES) -> str:
    """Return what many of a unit are called; of minutes, what they are sold in."""
    if unit == "minute" and names.time is None:
        return "hours"
    return name_unit(unit, 2, names)


def name_unit(unit: Unit, amount: int, names: Names = NO_NAMES) -> str:
    """Return what so many of a unit are called."""
    one, several = names.find(unit) or (unit, f"{unit}s")
    return one if amount == 1 else several


def _write_time(minutes: int, unit: TimeUnit | None) -> str:
    """Return minutes in a seller's unit, or in hours, with what of them is left over."""
    size, one, several = (60, "hour", "hours")
    if unit is not None:
        size, one, several = unit.minutes, unit.one, unit.several
    whole, rest = divmod(minutes, size)
    parts = [f"{whole:,} {one if whole == 1 else several}"] if whole or (unit and not rest) else []
    if rest or not parts:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)
