"""Refusals in the OpenAPI document: the shapes of problems, examples, and what each answers."""

import json
from typing import Any

from app.api.http.operation_documents import describe_refusal
from app.api.http.refusals.problems import MEDIA_TYPE, describe_problem, refusal_classes
from app.api.openapi.problem_shapes import PROBLEM_SHAPES
from app.api.openapi.story import read_problems
from app.documents.descriptions import describe_properties


def describe_problems(document: dict[str, Any]) -> None:
    """Add the shape of a problem, and to each operation an example of each that has numbers."""
    components = document["components"]
    for name in ("CoverageProblem", "Problem"):
        shape = PROBLEM_SHAPES[name].model_json_schema(ref_template="#/components/schemas/{model}")
        for inner, schema in shape.pop("$defs").items():
            components["schemas"].setdefault(inner, schema)
        components["schemas"][name] = shape
    for name, model in PROBLEM_SHAPES.items():
        properties = components["schemas"][name]["properties"]
        describe_properties(model, properties)
        for each in properties.values():
            _leave_out_null(each)
    recorded = read_problems()
    components["examples"] = {
        refusal.code: {
            "summary": refusal.title,
            "value": recorded.get(refusal.code)
            or describe_problem(
                refusal, detail=describe_refusal(refusal)[0], instance="/v1/accounts/c-1042"
            ),
        }
        for refusal in refusal_classes()
    }
    for item in document["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                codes = response.get("x-codes", [])
                shown = [code for code in codes if code in recorded] or codes[:1]
                for code in shown:
                    examples = response["content"][MEDIA_TYPE].setdefault("examples", {})
                    examples[code] = {"$ref": f"#/components/examples/{code}"}


def share_refusals(document: dict[str, Any]) -> None:
    """Let what several operations refuse alike stand once, and any other refusal by default.

    What most refuse with a status has its name, the others that of their first operation.
    """
    _add_default(document)
    used: dict[tuple[str, str], list[str]] = {}
    for operation, status, response in _list_refusals(document):
        of = "".join(part.capitalize() for part in operation["operationId"].split("_"))
        used.setdefault((status, json.dumps(response, sort_keys=True)), []).append(of)
    usual = {
        status: max((key for key in used if key[0] == status), key=lambda key: len(used[key]))
        for status, _ in used
    }
    names = {
        key: f"Refused{key[0]}" if key in usual.values() else f"{by[0]}Refused{key[0]}"
        for key, by in used.items()
    }
    for operation, status, response in _list_refusals(document):
        name = names[status, json.dumps(response, sort_keys=True)]
        document["components"]["responses"][name] = response
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    _leave_out_unused_examples(document)


def _add_default(document: dict[str, Any]) -> None:
    """Say of every operation what any other refusal is like."""
    document["components"]["responses"] = {
        "Refused": {
            "description": "Any other refusal or failure is a problem, too, with a stable `code`.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
        }
    }
    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"]["default"] = {"$ref": "#/components/responses/Refused"}


def _list_refusals(
    document: dict[str, Any],
) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    return [
        (operation, status, response)
        for item in document["paths"].values()
        for operation in item.values()
        for status, response in operation["responses"].items()
        if "x-codes" in response
    ]


def _leave_out_unused_examples(document: dict[str, Any]) -> None:
    """Leave out examples of problems that no operation shows."""
    components = document["components"]
    shown = {
        each["$ref"].rpartition("/")[2]
        for response in components["responses"].values()
        for each in response["content"][MEDIA_TYPE].get("examples", {}).values()
    }
    components["examples"] = {
        code: example for code, example in components["examples"].items() if code in shown
    }


def _leave_out_null(schema: dict[str, Any]) -> None:
    """Say of a member that it may be missing, and is never null."""
    if schema.pop("default", ...) is None:
        others = [each for each in schema.pop("anyOf") if each != {"type": "null"}]
        schema |= others[0] if len(others) == 1 else {"anyOf": others}
