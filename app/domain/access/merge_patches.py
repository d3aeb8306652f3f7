"""Merge patches: how a change says what is to be added, replaced and removed (RFC 7396)."""

from collections.abc import Mapping
from typing import Any


def merge_patch(present: object, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `present` with a patch merged into it: null removes a member, objects merge."""
    merged: dict[str, Any] = dict(present) if isinstance(present, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            merged[name] = merge_patch(merged.get(name), value)
        else:
            merged[name] = value
    return merged
