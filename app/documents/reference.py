"""The reference of a catalogue's document as a page of Markdown, made from its schema."""

import re
from collections.abc import Iterator
from typing import Any

from app.documents.schema import document_schema

_HEAD = """# A catalogue's document: the reference

Made from the model that reads documents, by `surety openapi write`; the guide is
[Write a catalogue](../docs/write-a-catalogue.md). Every field is named with what it may be; those
in **bold** must be given. A *name* is that of something the same document defines.
"""
_ROOT = "CatalogDocument"
_FORMATS = {"date": "date, `2026-12-25`", "date-time": "instant, `2026-11-20T16:30:00+01:00`"}


def render_reference() -> str:
    """Return the page: the whole document first, then each table, in the order of their use."""
    schema = document_schema()
    shapes = {_ROOT: schema, **schema["$defs"]}
    order = list(dict.fromkeys(_walk(_ROOT, shapes, set())))
    return "\n".join([_HEAD, *(_render(name, shapes[name]) for name in order)])


def _walk(name: str, shapes: dict[str, Any], seen: set[str]) -> Iterator[str]:
    if name in seen:
        return
    seen.add(name)
    yield name
    for reference in _references(shapes[name].get("properties", {})):
        yield from _walk(reference, shapes, seen)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _render(name: str, shape: dict[str, Any]) -> str:
    # What a plan must give is the last of its forms: one that extends no other.
    required = shape.get("anyOf", [shape])[-1].get("required", [])
    about = " ".join(shape["description"].split())
    lines = [f"## {_title(name)}", "", about, "", "| field | may be | means |", "|---|---|---|"]
    properties = shape.get("properties", {})
    for field in sorted(properties, key="seller_choice".__eq__):
        value = properties[field]
        shown = f"**`{field}`**" if field in required else f"`{field}`"
        meaning = " ".join(value["description"].split())
        if value.get("default") not in (None, False, []) and value["default"] != "":
            meaning += f" Left out: {_write(value['default'])}."
        lines.append(f"| {shown} | {_describe(value)} | {meaning} |")
    return "\n".join([*lines, ""])


def _title(name: str) -> str:
    words = re.sub("(?=[A-Z])", " ", name.removesuffix("Document"))
    return "The whole document" if name == _ROOT else words.strip().capitalize()


def _describe(value: dict[str, Any]) -> str:
    """Return what a field may be, in few words."""
    match value:
        case {"$ref": str(reference)}:
            title = _title(reference.rpartition("/")[2])
            return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
        case {"oneOf": list(forms)} | {"anyOf": list(forms)}:
            return " or ".join(_describe(each) for each in forms)
        case {"enum": list(choices)} if len(choices) <= _MOST_SHOWN:
            return ", ".join(f"`{each}`" for each in choices)
        case {"type": "array", "items": items}:
            named = items.get("x-names")
            return f"list of {_name_all(named)}" if named else f"list of {_describe(items)}"
        case {"type": "object"}:
            return f"table of {_describe(_inner(value))}"
        case {"type": "integer"}:
            return _describe_number(value)
        case {"type": "boolean"}:
            return "true or false"
    return _describe_text(value)


def _describe_text(value: dict[str, Any]) -> str:
    match value:
        case {"x-names": str(kind)}:
            return f"name of a {kind.replace('_', ' ')}"
        case {"format": str(written)} if written in _FORMATS:
            return _FORMATS[written]
        case {"examples": [str(first), *_]}:
            return f"text, such as `{first}`"
    return "text"


def _name_all(kind: str) -> str:
    return f"names of {kind.replace('_', ' ')}s"


def _inner(value: dict[str, Any]) -> dict[str, Any]:
    """Return what each field of a table of any names may be."""
    shapes = [value.get("additionalProperties"), *value.get("patternProperties", {}).values()]
    return next((each for each in shapes if isinstance(each, dict)), {})


_MOST_SHOWN = 8


def _describe_number(value: dict[str, Any]) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    if low is None or high is None:
        return "whole number"
    return f"{low:,} to {high:,}"


def _write(default: Any) -> str:
    if isinstance(default, list):
        return ", ".join(f"`{each}`" for each in default)
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"
