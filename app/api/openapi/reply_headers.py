"""The headers of replies, as the document describes each once."""

from typing import Any

REPLY_HEADERS = {
    "X-Request-Id": "The request's id: the caller's, if it sent one; the log has it too.",
    "ETag": "The version of what the reply shows: send it as `If-Match` to change only this"
    " version, or as `If-None-Match` to read only another.",
    "Location": "The address at which the thing that was made can be read.",
    "Idempotent-Replayed": "`true` where this is the reply to an earlier request of the same"
    " `Idempotency-Key`.",
    "Dry-Run": "`true` where the request was a dry run, and nothing was kept.",
    "Deprecation": "Since when the operation is deprecated (RFC 9745).",
    "Sunset": "From when on the operation may be gone (RFC 8594).",
    "Retry-After": "The number of seconds after which the request is worth another try.",
    "RateLimit": "How many requests are left of the key's rate, and in how many seconds there are"
    " more.",
    "RateLimit-Policy": "How many requests the key may make, and in how many seconds.",
}


def describe_headers(document: dict[str, Any]) -> None:
    """Add every header's description, and to what is to be tried again when that is."""
    document["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in REPLY_HEADERS.items()
    }
    for item in document["paths"].values():
        for operation in item.values():
            taken = {each["name"] for each in operation.get("parameters", [])}
            for status, response in operation["responses"].items():
                _add(response, "X-Request-Id")
                if status in ("429", "503"):
                    _add(response, "Retry-After")
                if status == "429":
                    _add(response, "RateLimit")
                    _add(response, "RateLimit-Policy")
                if status.startswith("2") and operation.get("deprecated"):
                    _add(response, "Deprecation")
                    _add(response, "Sunset")
                if status.startswith("2") and "dry_run" in taken:
                    _add(response, "Dry-Run")
                if status.startswith("2") and "Idempotency-Key" in taken:
                    _add(response, "Idempotent-Replayed")


def _add(response: dict[str, Any], name: str) -> None:
    response.setdefault("headers", {})[name] = {"$ref": f"#/components/headers/{name}"}
