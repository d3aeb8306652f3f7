"""Helpers of the tests of metrics, shared with others."""

import re

from tests.api.conftest import Api


async def read_figures(api: Api) -> dict[str, float]:
    """Read the service's own figures, by their names with labels."""
    reply = await api.get("/metrics")
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = re.findall(r"^(surety_\S+?(?:\{.*\})?) (\S+)$", reply.text, re.MULTILINE)
    return {name: float(value) for name, value in lines}
