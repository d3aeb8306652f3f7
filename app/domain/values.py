"""Values: the base of what every floor is made of, and how one is made of another.

A value is never changed. It equals another of its class with equal fields, and can be a key where
they can. msgspec makes values and their classes in a small part of the time that frozen
dataclasses take (docs/decisions/0013-values-are-structs.md).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

import msgspec
from msgspec import field

__all__ = ["State", "Value", "as_dict", "field", "field_names", "replace"]

if TYPE_CHECKING:
    # To a type checker they are dataclasses, so that it checks what `replace` is given.
    from dataclasses import replace

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    class Value:
        """What is never changed."""

        __dataclass_fields__: ClassVar[dict[str, Any]]
        __struct_fields__: ClassVar[tuple[str, ...]]

        def __init_subclass__(
            cls,
            *,
            kw_only: bool = False,
            eq: bool = True,
            rename: Callable[[str], str] | None = None,
        ) -> None: ...

    @dataclass_transform(field_specifiers=(field,))
    class State:
        """What changes while something is worked out or goes on."""

        __dataclass_fields__: ClassVar[dict[str, Any]]
        __struct_fields__: ClassVar[tuple[str, ...]]

else:
    from msgspec.structs import replace

    class Value(msgspec.Struct, frozen=True):
        """What is never changed."""

    class State(msgspec.Struct):
        """What changes while something is worked out or goes on."""


def as_dict(value: Value) -> dict[str, Any]:
    """Return a value's fields by their names; the values among them, and in lists, likewise."""
    return {name: _as_plain(getattr(value, name)) for name in field_names(type(value))}


def field_names(type_: type[Value]) -> tuple[str, ...]:
    """Return the names of a value's fields, in their order."""
    return type_.__struct_fields__


def _as_plain(found: object) -> object:
    if isinstance(found, Value):
        return as_dict(found)
    return [_as_plain(each) for each in found] if isinstance(found, list | tuple) else found
