"""Reads a document that a person wrote, field by field, and notes every fault it meets.

A method that finds a fault notes it and returns a stand-in (an empty text, the lowest number,
the first choice), so that reading goes on and all faults are known at once. What was read is
worth nothing unless no fault was noted.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from app.domain.access.pointers import has_control_characters, leads_somewhere, point, shorten
from app.domain.access.refusals import Fault

Choice = TypeVar("Choice", bound=str)

LONGEST_TEXT = 4000
LONGEST_NAME = 200
LONGEST_LIST = 200
MOST_GUESSES = 100
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
CODE_RULE = "A code is 1 to 64 lower-case letters, digits and hyphens, no hyphen first."

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (str, "a string"),
    (list, "a list"),
    (Mapping, "an object"),
    (type(None), "null"),
)


class Table:
    """One object of a document: fields are asked for by name, and `end` refuses the others.

    `sound` says whether no fault was noted in its own fields: only then does it make sense to
    compare them with one another.
    """

    __slots__ = ("_asked", "faults", "fields", "pointer", "sound")

    def __init__(self, fields: Mapping[str, object], pointer: str, faults: list[Fault]) -> None:
        self.fields = fields
        self._asked: dict[str, None] = {}
        self.pointer = pointer
        self.faults = faults
        self.sound = True

    def fault(self, code: str, detail: str, *steps: str | int) -> None:
        """Note a fault at what lies `steps` below this table."""
        self.sound = False
        self.faults.append(Fault(point(self.pointer, *steps), detail, code))

    def has(self, name: str) -> bool:
        """Say whether the document gives this field."""
        return name in self.fields

    def raw(self, name: str) -> object:
        """Return the field as it stands; None where it is left out."""
        self._asked[name] = None
        return self.fields.get(name)

    def names(self, name: str) -> tuple[str, ...]:
        """Return the names within the object `name`, whether or not what they name is sound."""
        value = self.fields.get(name)
        return tuple(map(str, value))[:LONGEST_LIST] if isinstance(value, Mapping) else ()

    def end(self) -> tuple[str, ...]:
        """Refuse the fields that nobody asked for, and return the table's `seller_choice`."""
        chosen = self.texts("seller_choice")
        for position, path in enumerate(chosen):
            if not leads_somewhere(self.fields, path.split("/")):
                detail = f"There is no {shorten(path)} here for the seller to have chosen."
                self.fault("unknown_field", detail, "seller_choice", position)
        unknown = [name for name in map(str, self.fields) if name not in self._asked]
        for name in unknown[:LONGEST_LIST]:
            detail = f'There is no field "{shorten(name)}" here.{self._near(name, self._asked)}'
            self.fault("unknown_field", detail, name)
        return chosen

    # Texts

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """Read a text that must be given."""
        found = self.text_or_none(name, longest=longest)
        return self._missing(name) if found is None else found

    def text_or_none(self, name: str, *, longest: int = LONGEST_TEXT) -> str | None:
        """Read a text that may be left out."""
        value = self.raw(name)
        return self._text(value, longest, name) if self.has(name) else None

    def code(self, name: str) -> str:
        """Read a code that must be given."""
        found = self.text(name)
        if found and not CODE.fullmatch(found):
            self.fault("invalid_code", CODE_RULE, name)
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of different texts; a list left out is empty."""
        read = tuple(
            self._text(value, LONGEST_TEXT, name, position)
            for position, value in enumerate(self._list(name))
        )
        for position, text in enumerate(read):
            if text and text in read[:position]:
                self.fault("duplicate", f"{shorten(text)} is listed twice.", name, position)
        return read

    def choice(
        self, name: str, choices: Sequence[Choice], *, default: Choice | None = None
    ) -> Choice:
        """Read one of the choices; without a default the field must be given."""
        value = self.text_or_none(name)
        if value is None:
            if default is None:
                self._missing(name)
            return default or choices[0]
        return self._choice(value, choices, name)

    def choices(self, name: str, choices: Sequence[Choice]) -> tuple[Choice, ...]:
        """Read a list of different choices; a list left out is empty."""
        return tuple(
            self._choice(value, choices, name, position)
            for position, value in enumerate(self.texts(name))
        )

    def reference(self, name: str, kind: str, known: Collection[str]) -> str:
        """Read the code of a `kind` that the document defines elsewhere."""
        found = self.reference_or_none(name, kind, known)
        return self._missing(name) if found is None else found

    def reference_or_none(self, name: str, kind: str, known: Collection[str]) -> str | None:
        """Read the code of a `kind` that the document defines elsewhere, if there is one."""
        value = self.text_or_none(name)
        if value:
            self._refuse_unknown(value, kind, known, name)
        return value

    def references(self, name: str, kind: str, known: Collection[str]) -> tuple[str, ...]:
        """Read a list of codes of a `kind`; a list left out is empty."""
        values = self.texts(name)
        for position, value in enumerate(values):
            if value:
                self._refuse_unknown(value, kind, known, name, position)
        return values

    # Numbers

    def integer(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """Read a whole number; without a default it must be given."""
        value = self.integer_or_none(name, low=low, high=high)
        if value is not None:
            return value
        if default is None:
            self._missing(name)
            return low
        return default

    def integer_or_none(self, name: str, *, low: int, high: int) -> int | None:
        """Read a whole number that may be left out."""
        value = self.raw(name)
        return self._integer(value, low, high, name) if self.has(name) else None

    def integers(self, name: str, *, low: int, high: int) -> tuple[int, ...]:
        """Read a list of whole numbers; a list left out is empty."""
        return tuple(
            self._integer(value, low, high, name, position)
            for position, value in enumerate(self._list(name))
        )

    def flag(self, name: str, *, default: bool) -> bool:
        """Read true or false."""
        value = self.raw(name)
        if isinstance(value, bool):
            return value
        if self.has(name):
            self._wrong_type(value, bool, name)
        return default

    # Tables below

    def table(self, name: str) -> "Table | None":
        """Read an object that must be given."""
        if not self.has(name):
            self._missing(name)
        return self.table_or_none(name)

    def table_or_none(self, name: str) -> "Table | None":
        """Read an object that may be left out."""
        value = self.raw(name)
        return self._table(value, name) if self.has(name) else None

    def tables(self, name: str, *, most: int = LONGEST_LIST) -> list["Table"]:
        """Read a list of objects; a list left out is empty."""
        found = [
            self._table(value, name, position)
            for position, value in enumerate(self._list(name, most))
        ]
        return [table for table in found if table is not None]

    def named_tables(self, name: str, *, most: int = LONGEST_LIST) -> list[tuple[str, "Table"]]:
        """Read an object whose fields are codes, each with an object of its own."""
        value = self.raw(name)
        parent = self.table_or_none(name)
        if parent is None or not isinstance(value, Mapping):
            return []
        if len(value) > most:
            self._too_many(most, name)
        found = []
        for code in self.names(name)[:most]:
            if not CODE.fullmatch(code):
                parent.fault("invalid_code", CODE_RULE, code)
            else:
                found.append((code, parent.table_or_none(code)))
        return [(code, table) for code, table in found if table is not None]

    # Checks

    def _missing(self, name: str) -> str:
        self.fault("required", f'The field "{name}" must be given.', name)
        return ""

    def _wrong_type(self, value: object, wanted: type, *steps: str | int) -> None:
        detail = f"It must be {_name_type(wanted)}, and is {_name_type(type(value))}."
        self.fault("invalid_type", detail, *steps)

    def _too_many(self, most: int, *steps: str | int) -> None:
        self.fault("too_many_items", f"There may be {most} at most.", *steps)

    def _text(self, value: object, longest: int, *steps: str | int) -> str:
        if not isinstance(value, str):
            self._wrong_type(value, str, *steps)
        elif not value.strip():
            self.fault("empty", "It must not be empty.", *steps)
        elif len(value) > longest:
            self.fault("too_long", f"It may have {longest:,} characters at most.", *steps)
        elif has_control_characters(value):
            detail = "It has a control character or half a surrogate pair in it."
            self.fault("invalid_text", detail, *steps)
        else:
            return value
        return ""

    def _integer(self, value: object, low: int, high: int, *steps: str | int) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            self._wrong_type(value, int, *steps)
        elif low <= value <= high:
            return value
        else:
            self.fault("out_of_range", f"It must be from {low:,} to {high:,}.", *steps)
        return low

    def _choice(self, value: str, choices: Sequence[Choice], *steps: str | int) -> Choice:
        for choice in choices:
            if value == choice:
                return choice
        if value:
            self.fault("invalid_choice", f"It must be one of {', '.join(choices)}.", *steps)
        return choices[0]

    def _refuse_unknown(
        self, value: str, kind: str, known: Collection[str], *steps: str | int
    ) -> None:
        if value not in known:
            detail = f'The document has no {kind} "{shorten(value)}".{self._near(value, known)}'
            self.fault(f"unknown_{kind}", detail, *steps)

    def _near(self, name: str, known: Iterable[str]) -> str:
        """Guess what was meant; beside very many faults, guessing is not worth its time."""
        guessing = len(self.faults) < MOST_GUESSES
        near = get_close_matches(name[:64], known, n=1) if guessing else []
        return f' Did you mean "{near[0]}"?' if near else ""

    def _list(self, name: str, most: int = LONGEST_LIST) -> Sequence[object]:
        value = self.raw(name)
        if not isinstance(value, list | tuple):
            if self.has(name):
                self._wrong_type(value, list, name)
            return ()
        if len(value) > most:
            self._too_many(most, name)
        return value[:most]

    def _table(self, value: object, *steps: str | int) -> "Table | None":
        if isinstance(value, Mapping):
            return Table(value, point(self.pointer, *steps), self.faults)
        self._wrong_type(value, dict, *steps)
        return None


def _name_type(wanted: type) -> str:
    return next((name for known, name in _TYPES if issubclass(wanted, known)), wanted.__name__)
