"""The schema of a catalogue's document: one, wherever it is asked for."""

import json
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from app.cli.commands import cli
from app.services.catalog.catalogs import packaged_documents
from tests.api.conftest import Api


async def test_one_schema_is_in_openapi_at_its_address_and_on_the_command_line(
    app: FastAPI, api: Api
) -> None:
    served = await api.holding(None).get("/v1/catalogs/schema")
    assert served.status_code == 200, served.text
    schema = served.json()
    printed = CliRunner().invoke(cli, ["catalog", "schema"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.output) == schema
    shapes = app.openapi()["components"]["schemas"]
    # OpenAPI names choices and the sizes of numbers besides.
    for name, shape in ({"CatalogDocument": schema} | schema["$defs"]).items():
        assert _outline(shapes[name]) == _outline(shape)
    put = app.openapi()["paths"]["/v1/catalogs/{catalog}"]["put"]
    body = put["requestBody"]["content"]["application/json"]["schema"]
    assert body["$ref"] == "#/components/schemas/CatalogDocument"
    # A reply's shape is the same, but open to what a later version adds.
    read = shapes["Catalog"]["properties"]["document"]["$ref"].rpartition("/")[2]
    assert _outline(shapes[read]) == _outline(schema)


def _outline(shape: dict[str, Any]) -> dict[str, Any]:
    fields = {name: field["description"] for name, field in shape["properties"].items()}
    return {"fields": fields} | {name: shape.get(name) for name in ("required", "anyOf")}


@pytest.mark.parametrize("code", packaged_documents())
async def test_the_schema_allows_every_packaged_document(api: Api, code: str) -> None:
    schema = (await api.holding(None).get("/v1/catalogs/schema")).json()
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.validator_for(schema).validate(packaged_documents()[code])


async def test_every_field_of_a_document_is_described(api: Api) -> None:
    schema = (await api.holding(None).get("/v1/catalogs/schema")).json()
    shapes = {"CatalogDocument": schema, **schema["$defs"]}
    for name, shape in shapes.items():
        for field, value in shape.get("properties", {}).items():
            assert len(value.get("description", "").split()) >= 4, f"{name}.{field}"
