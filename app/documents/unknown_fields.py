"""Fields that a form does not have: the first of them stand for all, where there are very many.

Whatever reads a form makes much of each fault, one after the other. What is left out here is
counted, and never makes of a faulty value a sound one: those that are kept are faults enough.
"""

from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from app.documents.faults import forms_of


def leave_out_unknown(
    value: dict[str, Any], form: object, *, most: int
) -> tuple[dict[str, Any], int]:
    """Return what a form is to be read of without the unknown fields after the first `most`.

    Besides, how many were left out.
    """
    clearing = _Clearing(most)
    kept: dict[str, Any] = clearing.clear(value, [form])
    return kept, clearing.left_out


class _Clearing:
    """Walks through a value beside its form; `kept` may still be kept, `left_out` are not."""

    def __init__(self, most: int) -> None:
        self.kept = most
        self.left_out = 0

    def clear(self, value: Any, annotations: Iterable[Any]) -> Any:
        if not isinstance(value, dict | list):
            return value
        forms = [form for each in annotations for form in forms_of(each)]
        if isinstance(value, list):
            below = [get_args(form)[0] for form in forms if get_origin(form) in (list, tuple)]
            return [self.clear(each, below) for each in value]
        return self._clear_object(value, forms)

    def _clear_object(self, value: Mapping[str, Any], forms: list[Any]) -> dict[str, Any]:
        maps = [get_args(form)[1] for form in forms if get_origin(form) is dict]
        models = [form for form in forms if isinstance(form, type) and issubclass(form, BaseModel)]
        fields = _list_fields(models)
        takes_any = not models or any(each.model_config.get("extra") != "forbid" for each in models)
        kept = {}
        for name, each in value.items():
            if name in fields:
                kept[name] = self.clear(each, fields[name])
            elif maps or takes_any:
                kept[name] = self.clear(each, maps)
            elif self.kept:
                self.kept -= 1
                kept[name] = each
            else:
                self.left_out += 1
        return kept


def _list_fields(models: Iterable[type[BaseModel]]) -> dict[str, list[Any]]:
    """Return what stands for each field in one or other of the models, by all its names."""
    fields: dict[str, list[Any]] = {}
    for model in models:
        for name, field in model.model_fields.items():
            for each in {name, field.alias or name}:
                fields.setdefault(each, []).append(field.annotation)
    return fields
