"""Fields that a form does not have: the first of them stand for all, where there are very many.

Whatever reads a form makes much of each fault, one after the other. What is left out here is
counted, and never makes of a faulty value a sound one: those that are kept are faults enough.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
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
    kept: dict[str, Any] = clearing.clear(value, _Form([form]))
    return kept, clearing.left_out


class _Form:
    """What a value may be: looked at once, however many values there are of it."""

    def __init__(self, annotations: Iterable[Any]) -> None:
        self._forms = [form for each in annotations for form in forms_of(each)]

    @cached_property
    def items(self) -> "_Form":
        """What stands in its lists."""
        return _Form(get_args(form)[0] for form in self._forms if get_origin(form) in (list, tuple))

    @cached_property
    def fields(self) -> dict[str, "_Form"]:
        """What stands for each field in one or other of its models, by all the field's names."""
        found: dict[str, list[Any]] = {}
        for model in self._models:
            for name, field in model.model_fields.items():
                for each in {name, field.alias or name}:
                    found.setdefault(each, []).append(field.annotation)
        return {name: _Form(annotations) for name, annotations in found.items()}

    @cached_property
    def others(self) -> "_Form | None":
        """What stands for every other field; None where there is no other."""
        maps = [get_args(form)[1] for form in self._forms if get_origin(form) is dict]
        closed = self._models and all(
            each.model_config.get("extra") == "forbid" for each in self._models
        )
        return None if closed and not maps else _Form(maps)

    @property
    def _models(self) -> list[type[BaseModel]]:
        return [
            form for form in self._forms if isinstance(form, type) and issubclass(form, BaseModel)
        ]


class _Clearing:
    """Walks through a value beside its form; `kept` may still be kept, `left_out` are not."""

    def __init__(self, most: int) -> None:
        self.kept = most
        self.left_out = 0

    def clear(self, value: Any, form: _Form) -> Any:
        if isinstance(value, dict):
            return self._clear_object(value, form)
        if isinstance(value, list):
            items = form.items
            return [self.clear(each, items) for each in value]
        return value

    def _clear_object(self, value: Mapping[str, Any], form: _Form) -> dict[str, Any]:
        fields, others = form.fields, form.others
        kept = {}
        for name, each in value.items():
            below = fields.get(name, others)
            if below is not None:
                kept[name] = self.clear(each, below)
            elif self.kept:
                self.kept -= 1
                kept[name] = each
            else:
                self.left_out += 1
        return kept
