"""Helpers of the tests of stopping, shared with others."""

import json
from typing import Any

from tests.support.serve import Service


def read_until(service: Service, event: str) -> dict[str, Any]:
    """Read its log up to an event; the event."""
    while True:
        line = service._read_line()
        if line.startswith("{") and (said := json.loads(line))["event"] == event:
            return dict(said)
