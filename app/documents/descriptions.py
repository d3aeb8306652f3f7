"""The text below each field of a shape, as its description in the OpenAPI document.

Pydantic would read it as each class is made, which takes most of a process's start, while only
the document needs it. So it is read when the document is written, a module at a time.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import fields as fields_of
from functools import cache
from typing import Any

from pydantic import BaseModel


def describe_properties(shape: type[Any], properties: dict[str, dict[str, Any]]) -> None:
    """Describe a shape's properties, by their names on the wire, as what stands below its fields.

    A field's own text goes before that of its type, and a class's before those of its bases.
    """
    names = _list_names(shape)
    for each in reversed(shape.__mro__):
        described = _read_module(each.__module__).get(each.__qualname__, {})
        for name, text in described.items():
            for known in names.get(name, ()):
                if known in properties:
                    properties[known]["description"] = text


def _list_names(shape: type[Any]) -> dict[str, tuple[str | None, ...]]:
    """Return the fields of a model or a dataclass, each with its names on the wire."""
    if not issubclass(shape, BaseModel):
        return {each.name: (each.name,) for each in fields_of(shape)}
    return {
        name: (name, field.alias, field.serialization_alias)
        for name, field in shape.model_fields.items()
    }


@cache
def _read_module(name: str) -> dict[str, dict[str, str]]:
    """Return the texts below the fields of a module's classes, by class and field."""
    if not name.startswith("app."):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[name]))
    return {
        node.name: dict(_read_class(node)) for node in tree.body if isinstance(node, ast.ClassDef)
    }


def _read_class(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)
