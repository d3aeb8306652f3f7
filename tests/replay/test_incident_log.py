"""A real helpdesk's past, imported whole, and its report against a plain count."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.api.conftest import Api, Clock
from tests.replay.convert_incidents import convert, read_incidents
from tests.replay.plain_report import report
from tests.support.incident_log import import_lines

NOW = datetime(2017, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in convert()))
    return file


async def test_every_incident_goes_through_and_the_report_agrees_with_a_plain_count(
    api: Api, clock: Clock, published_url: str, log: Path
) -> None:
    done = import_lines(log, published_url)
    assert done.returncode == 0, done.stderr
    again = import_lines(log, published_url)
    assert again.returncode == 0, again.stderr
    clock.move_to(NOW)
    assert len(read_incidents()) == 443
    expected = report(NOW)
    for grouping in (None, "severity"):
        asked = {"from": "2016-01-01T00:00:00Z", "to": "2018-01-01T00:00:00Z"}
        reply = await api.get(
            "/v1/reports/sla", params=asked | ({"group_by": grouping} if grouping else {})
        )
        assert reply.status_code == 200, reply.text
        shown = {
            (row["metric"], row.get("severity")): (
                row["strength"],
                row["total"],
                row["met"],
                row["breached"] + row["missed"],
                row["open"],
                row["p50"]["business_seconds"],
                row["p90"]["business_seconds"],
            )
            for row in reply.json()["rows"]
        }
        assert shown == {
            (metric, severity): (
                "target" if metric == "resolution" else "guaranteed",
                count.total,
                count.met,
                count.breached,
                count.open,
                count.percentile(0.5),
                count.percentile(0.9),
            )
            for (metric, severity), count in expected.items()
            if (severity is not None) == (grouping is not None)
        }
