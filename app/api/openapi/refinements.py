"""Refinements of the OpenAPI document: readable names, named enums, open replies, sized integers.

What generators of clients and readers of Swagger UI need, and what the models do not say by
themselves. Pure: a document comes in, a document goes out.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from app.api.openapi.choices import describe_choice, find_choice
from app.api.openapi.integers import size_integers

_SCHEMAS = "#/components/schemas/"
# What the languages of clients have of that name already, and shapes with a member of their name:
# generated classes have one variable for both.
_TAKEN = {
    "Promise": "OfferPromise",
    "Return": "UnitsReturn",
    "Clock": "AccountClock",
    "Credit": "BreachCredit",
    "Deadlines": "DeadlineList",
}


def refine(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with names, enums, replies and integers as clients need them."""
    _name_choices(document)
    size_integers(document, _nodes(document))
    _describe_pairs(document)
    document = _rename(document)
    _open_replies(document)
    return document


def _name_choices(document: dict[str, Any]) -> None:
    """Let each named choice stand once, and be referred to."""
    schemas = document["components"]["schemas"]
    used: set[str] = set()
    for node in _nodes(document):
        name = find_choice(node.get("enum"))
        if name is None or node.get("type") != "string":
            continue
        used.add(name)
        del node["enum"], node["type"]
        node.pop("title", None)
        node["$ref"] = f"{_SCHEMAS}{name}"
    for name in sorted(used):
        schemas[name] = describe_choice(name)


def _describe_pairs(document: dict[str, Any]) -> None:
    """Let a pair of the same kind be a list of two: most generators do not have tuples."""
    for node in _nodes(document):
        first, *others = node.get("prefixItems", [None])
        if first is not None:
            same = all(each == first for each in others)
            node["items"] = first if same else {}
            if same:
                del node["prefixItems"]


def _rename(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with shapes named as people say them: `Ticket`, `TicketPage`."""
    schemas = document["components"]["schemas"]
    names: dict[str, str] = {}
    for name in sorted(schemas, key=lambda each: not each.endswith("Wire")):
        wanted = _plain(name)
        names[name] = f"{wanted}Request" if wanted in names.values() else wanted

    def rename(node: object) -> object:
        if isinstance(node, dict):
            shown = {key: rename(value) for key, value in node.items()}
            reference = shown.get("$ref")
            if isinstance(reference, str) and reference.startswith(_SCHEMAS):
                shown["$ref"] = _SCHEMAS + names[reference.removeprefix(_SCHEMAS)]
            discriminator = shown.get("discriminator")
            if isinstance(discriminator, dict):
                mapping = discriminator.get("mapping", {})
                for key, target in mapping.items():
                    mapping[key] = _SCHEMAS + names[target.removeprefix(_SCHEMAS)]
            return shown
        return [rename(each) for each in node] if isinstance(node, list) else node

    renamed = cast("dict[str, Any]", rename(document))
    shapes = {names[name]: shape for name, shape in renamed["components"]["schemas"].items()}
    for name, shape in shapes.items():
        if "title" in shape:
            shape["title"] = name
    renamed["components"]["schemas"] = dict(sorted(shapes.items()))
    return renamed


def _plain(name: str) -> str:
    if name.startswith("Page_"):
        return f"{_plain(name.removeprefix('Page_').rstrip('_'))}Page"
    plain = name.removesuffix("Wire") or name
    return _TAKEN.get(plain, plain)


def _open_replies(document: dict[str, Any]) -> None:
    """Let what is answered or sent to webhooks grow; what is asked refuses what it does not know.

    A shape that is both asked and answered stands twice: as it is asked, and open.
    """
    schemas = document["components"]["schemas"]
    asked, answered = set[str](), set[str]()
    for item in document["paths"].values():
        for operation in item.values():
            asked |= _reach(schemas, [operation.get("requestBody"), operation.get("parameters")])
            answered |= _reach(schemas, [operation["responses"]])
    answered |= _reach(schemas, [document["components"].get("pathItems")])
    both = {
        name: f"{name}Reply" for name in sorted(asked & answered) if "enum" not in schemas[name]
    }
    for name, reply in both.items():
        schemas[reply] = copy.deepcopy(schemas[name]) | {"title": reply}
    opened = [name for name in answered if name not in both] + list(both.values())
    for name in opened:
        _point(schemas[name], both)
        for node in _nodes(schemas[name]):
            if node.get("additionalProperties") is False:
                del node["additionalProperties"]
    for item in document["paths"].values():
        for operation in item.values():
            _point(operation["responses"], both)
    _point(document["components"].get("pathItems"), both)
    document["components"]["schemas"] = dict(sorted(schemas.items()))


def _point(part: object, names: Mapping[str, str]) -> None:
    """Let references to some shapes lead to others."""
    for node in _nodes(part):
        name = _named(node)
        if name is not None and name in names:
            node["$ref"] = _SCHEMAS + names[name]


def _reach(schemas: Mapping[str, Any], parts: Iterable[object]) -> set[str]:
    """Return the names of all shapes that are referred to, by one another too."""
    found: set[str] = set()
    left = [name for part in parts for name in _references(part)]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += _references(schemas[name])
    return found


def _references(part: object) -> list[str]:
    return [name for node in _nodes(part) if (name := _named(node)) is not None]


def _named(node: Mapping[str, Any]) -> str | None:
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(_SCHEMAS):
        return reference.removeprefix(_SCHEMAS)
    return None


def _nodes(part: object) -> Iterator[dict[str, Any]]:
    """Yield every object of a document, but not the examples' own."""
    if isinstance(part, dict):
        yield part
        for key, value in part.items():
            if key == "properties" and isinstance(value, dict):
                for member in value.values():  # one of them may be named as examples are
                    yield from _nodes(member)
            elif key not in ("example", "examples", "default", "x-example"):
                yield from _nodes(value)
    elif isinstance(part, list):
        for each in part:
            yield from _nodes(each)
