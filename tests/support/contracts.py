"""What a document of the API promises, in short: so that two releases can be compared.

Run as a module with a document's path, it prints the contract of that document.
"""

import json
import sys
from pathlib import Path
from typing import Any

# Deeper than that nothing is compared; shapes may contain themselves.
DEEPEST = 4


def describe_contract(document: dict[str, Any]) -> dict[str, Any]:
    """Return each operation's address, what it may and must be asked, and what it answers."""
    return {
        operation["operationId"]: {
            "address": f"{method.upper()} {path}",
            "parameters": {
                f"{each['in']} {each['name']}": each.get("required", False)
                for each in operation.get("parameters", [])
            },
            "asks": _list_asked(document, operation),
            "answers": _list_answered(document, operation),
        }
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def find_breaks(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return what a client of the earlier contract would miss in the later one."""
    found: list[str] = []
    for name, old in then.items():
        new = now.get(name)
        if new is None:
            found.append(f"{name} is gone")
            continue
        if old["address"] != new["address"]:
            found.append(f"{name} has moved")
        for part in ("parameters", "asks"):
            found += [f"{name} takes no {each}" for each in old[part] if each not in new[part]]
            found += [
                f"{name} needs {each}"
                for each, needed in new[part].items()
                if needed and not old[part].get(each) and _is_asked(each, old[part])
            ]
        for status, fields in old["answers"].items():
            known = new["answers"].get(status)
            if known is None:
                found.append(f"{name} answers no {status}")
            else:
                found += [f"{name} answers no {each}" for each in fields if each not in known]
    return found


def _is_asked(field: str, old: dict[str, bool]) -> bool:
    """Whether a field that is needed now stands in what was asked before."""
    parent, _, _ = field.rpartition("/")
    return not parent or parent in old


def _list_asked(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, bool]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    found: dict[str, bool] = {}
    _walk(document, content.get("schema", {}), "", found, 0)
    return found


def _list_answered(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, list[str]]:
    answers: dict[str, list[str]] = {}
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            found: dict[str, bool] = {}
            content = response.get("content", {}).get("application/json", {})
            _walk(document, content.get("schema", {}), "", found, 0)
            answers[status] = sorted(found)
    return answers


def _walk(
    document: dict[str, Any], schema: dict[str, Any], at: str, found: dict[str, bool], depth: int
) -> None:
    if depth > DEEPEST:
        return
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        _walk(document, document["components"]["schemas"][name], at, found, depth)
    for part in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(part, []):
            _walk(document, each, at, found, depth)
    if isinstance(schema.get("items"), dict):
        _walk(document, schema["items"], at, found, depth)
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        field = f"{at}/{name}"
        found[field] = found.get(field, False) or name in required
        _walk(document, inner, field, found, depth + 1)


if __name__ == "__main__":
    contract = describe_contract(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    sys.stdout.write(json.dumps(contract, sort_keys=True) + "\n")
