"""The JSON Schema of a catalogue's document, made from the model that reads it."""

from functools import cache
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.documents.form.basis.parts import Part
from app.documents.form.catalog import CatalogDocument
from app.domain.values import Value

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def document_schema() -> dict[str, Any]:
    """Return the JSON Schema by which editors and other tools check a document as it is written.

    What it allows and the service refuses are contradictions between sound parts.
    """
    return {"$schema": DIALECT, **CatalogDocument.model_json_schema()}


class WrittenAs(Value):
    """Plain data that has the form of a part: described as that, and left as it was written."""

    form: type[Part]

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(self.form.__pydantic_core_schema__)
