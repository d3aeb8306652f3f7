"""The API's document: complete, and valid by its own rules.

That the committed files are what the code makes is tested beside the command that writes them.
"""

import re
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema_rs
import pytest
from fastapi import FastAPI

from app.api.http.refusals.problems import refusal_classes, status_of
from app.api.http.wire import Code, Id, SiteUrl
from app.main import create_app
from tests.api.conftest import Api

DOCUMENT: dict[str, Any] = create_app().openapi()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}


def _follow(response: dict[str, Any]) -> dict[str, Any]:
    """Return a response, where it stands once for several operations."""
    _, _, name = response.get("$ref", "").rpartition("/")
    followed: dict[str, Any] = DOCUMENT["components"]["responses"][name] if name else response
    return followed


# Codes that any address may answer with, whether or not an operation is there.
OF_NO_OPERATION = {
    "head_too_large",
    "head_too_slow",
    "internal_error",
    "invalid_host",
    "method_not_allowed",
    "not_found",
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_described(name: str) -> None:
    method, _, operation = OPERATIONS[name]
    assert 1 <= len(operation["summary"].split()) <= 5
    assert re.match(r"\S.{10,}", operation["description"])
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in [tag["name"] for tag in DOCUMENT["tags"]]
    assert name == name.lower()
    assert "_" in name
    for parameter in operation.get("parameters", []):
        assert parameter["description"], parameter["name"]
    for status, each in operation["responses"].items():
        response = _follow(each)
        assert response["description"], status
        if status == "default" or int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
    if "requestBody" in operation:
        assert method in ("POST", "PUT", "PATCH")
        examples = operation["requestBody"]["content"]["application/json"]["examples"]
        assert all(example["summary"] for example in examples.values())


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_is_described(name: str) -> None:
    schema = SCHEMAS[name]
    assert schema.get("description"), name
    for field, shape in schema.get("properties", {}).items():
        assert shape.get("description"), f"{name}.{field}"


def test_a_fields_own_text_goes_before_that_of_its_type() -> None:
    """A code, an id, a reference: what each is of stands below the field."""
    general = {
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, shape in schema.get("properties", {}).items()
        if shape["description"] in {get_args(each)[-1].description for each in (Code, Id, SiteUrl)}
    }
    assert general == set()


def test_replies_have_no_defaults_and_say_what_is_always_there() -> None:
    as_written = _reachable({"CatalogDocument", "CatalogDocumentReply"})
    for name in _reachable(_reply_shapes()) - as_written:
        schema = SCHEMAS[name]
        fields = schema.get("properties", {})
        assert not [field for field, shape in fields.items() if "default" in shape], name
        if name.startswith("Problem"):
            continue  # each code has members of its own
        missing = set(fields) - set(schema.get("required", []))
        assert missing <= _shown_once(), f"{name} may leave out {missing}"


def _shown_once() -> set[str]:
    """Return the fields that a replay leaves out."""
    found = {operation.get("x-shown-once") for _, _, operation in OPERATIONS.values()}
    return {name for name in found if name is not None}


def test_every_schema_is_valid_json_schema() -> None:
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate({"$schema": _DIALECT, **schema})
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_every_reference_leads_somewhere() -> None:
    referred = set(_references(DOCUMENT))
    for reference in referred:
        _, components, kind, name = reference.split("/")
        assert name in DOCUMENT[components][kind]
    assert {
        f"#/components/{kind}/{name}"
        for kind, parts in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in parts
    } == referred
    assert "HTTPValidationError" not in SCHEMAS


def test_every_refusal_that_exists_is_documented_by_an_operation() -> None:
    documented = {
        (int(status), code)
        for _, _, operation in OPERATIONS.values()
        for status, response in operation["responses"].items()
        if status.isdigit() and int(status) >= 400
        for code in _follow(response)["x-codes"]
    }
    existing = {(status_of(each), each.code) for each in refusal_classes()}
    assert documented <= existing
    undocumented = {code for _, code in existing - documented}
    assert undocumented <= OF_NO_OPERATION
    for code in OF_NO_OPERATION:
        assert f"`{code}`" in DOCUMENT["info"]["description"]


def test_every_refusal_says_what_it_means() -> None:
    for refusal in refusal_classes():
        assert re.fullmatch(r"[a-z][a-z0-9_]+", refusal.code)
        assert refusal.title
        assert not refusal.title.endswith(".")
        assert (refusal.__doc__ or "").strip(), refusal


def test_every_integer_has_its_size_and_a_request_s_its_bounds() -> None:
    asked = _reachable(
        {
            ref.rpartition("/")[2]
            for _, _, operation in OPERATIONS.values()
            for ref in _references(operation.get("requestBody"))
        }
    )
    bounded = 0
    for name, schema in SCHEMAS.items():
        for integer in _integers(schema):
            assert integer["format"] == "int64", name
            if name in asked and not name.endswith("Document"):
                assert {"minimum", "maximum"} <= integer.keys(), name
                bounded += 1
    assert bounded > 10


def test_no_choice_stands_in_two_places() -> None:
    places: dict[frozenset[str], set[str]] = {}
    for name, schema in SCHEMAS.items():
        for values in _choices(schema):
            places.setdefault(values, set()).add(name.removesuffix("Reply"))
    assert len(places) > 10
    assert {values: names for values, names in places.items() if len(names) > 1} == {}


def _integers(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "integer":
            yield node
        for key, each in node.items():
            if key not in ("example", "examples", "default"):
                yield from _integers(each)
    elif isinstance(node, list):
        for each in node:
            yield from _integers(each)


def _choices(node: Any) -> Iterator[frozenset[str]]:
    if isinstance(node, dict):
        if isinstance(node.get("enum"), list):
            yield frozenset(node["enum"])
        for each in node.values():
            yield from _choices(each)
    elif isinstance(node, list):
        for each in node:
            yield from _choices(each)


async def test_every_problem_has_its_page(api: Api) -> None:
    public = api.holding(None)
    for refusal in refusal_classes():
        page = await public.get(f"/problems/{refusal.code}")
        assert page.status_code == 200
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert refusal.code in page.text
    assert (await public.get("/problems/no_such_code")).json()["code"] == "not_found"


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _reply_shapes() -> set[str]:
    return {
        ref.rpartition("/")[2]
        for _, _, operation in OPERATIONS.values()
        for ref in _references(operation["responses"])
        if "/schemas/" in ref
    }


def _reachable(names: set[str]) -> set[str]:
    found: set[str] = set()
    while names:
        found |= names
        inner = {ref.rpartition("/")[2] for name in names for ref in _references(SCHEMAS[name])}
        names = inner - found
    return found


async def test_swagger_ui_is_served_from_here(app: FastAPI, api: Api) -> None:
    public = api.holding(None)
    page = await public.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 5
    for address in addresses:
        assert address.startswith("/docs/assets/") or address == "data:,"
        if address != "data:,":
            assert (await public.get(address)).status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert (await public.get("/openapi.json")).json() == app.openapi()
    assert (await public.get("/docs/assets/nothing.js")).status_code == 404
