"""Shapes of the OpenAPI document as they are today: closed, where the document leaves them open."""

from typing import Any


def close(part: Any) -> Any:
    """Return schemas that refuse every field that they do not name."""
    if isinstance(part, dict):
        closed = {key: close(value) for key, value in part.items()}
        if closed.get("type") == "object" and "properties" in closed:
            closed.setdefault("additionalProperties", False)
        return closed
    return [close(each) for each in part] if isinstance(part, list) else part
