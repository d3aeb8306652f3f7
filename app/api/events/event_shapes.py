"""The particulars of each type of event on the wire: shapes made of the domain's own classes."""

from collections.abc import Sequence
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import Field, create_model

from app.api.http.wire import Instant, MoneyWire, Wire
from app.domain.catalog.money import Money
from app.domain.events.account_events import PingData
from app.domain.events.event_data import EventData
from app.domain.events.event_types import EVENT_DATA
from app.domain.events.webhooks import PING
from app.domain.values import Value, field_names

_SHAPES: dict[type[Any], type[Wire]] = {}
_ON_THE_WIRE: dict[object, object] = {datetime: Instant, Money: MoneyWire}


def make_shape(of: type[Any]) -> type[Wire]:
    """Return the shape of a class of particulars, which is derived as the class is."""
    if of in _SHAPES:
        return _SHAPES[of]
    base = of.__bases__[0]
    parent = Wire if base in (Value, EventData) else make_shape(base)
    hints = get_type_hints(of)
    own = {
        name: _make_field(name, hints[name])
        for name in field_names(of)
        if name in of.__annotations__
    }
    make = cast("Any", create_model)  # its fields are named only here
    shape: type[Wire] = make(
        of.__name__, __base__=parent, __module__=of.__module__, __doc__=of.__doc__, **own
    )
    _SHAPES[of] = shape
    return shape


def _make_field(name: str, hint: object) -> tuple[object, object]:
    shown = _render(hint)
    wire_name = name.rstrip("_")
    if wire_name == name:
        return (shown, ...)
    field = Field(alias=wire_name, serialization_alias=wire_name)
    return (Annotated[cast("Any", shown), field], ...)


def _render(hint: object) -> object:
    """Return what a field's type is on the wire."""
    if hint in _ON_THE_WIRE:
        return _ON_THE_WIRE[hint]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_render(each) for each in get_args(hint))]  # noqa: UP007
    if get_origin(hint) is Sequence:
        (item,) = get_args(hint)
        return list[_render(item)]  # type: ignore[misc]
    return make_shape(hint) if isinstance(hint, type) and issubclass(hint, Value) else hint


# What each type's `data` holds.
DATA: dict[str, type[Wire]] = {
    **{type_: make_shape(data) for type_, data in EVENT_DATA.items()},
    PING: make_shape(PingData),
}
