"""What the worker tells of its attempts: a line in the log and a count for each, no secret."""

import json
import logging

import pytest
from prometheus_client import REGISTRY

from app.cli.serving.logs import LineFormatter
from tests.webhooks.conftest import Desk
from tests.webhooks.receivers import OK, receive


def count_attempts(result: str) -> float:
    return REGISTRY.get_sample_value("surety_webhook_attempts_total", {"result": result}) or 0


async def test_each_attempt_is_a_line_and_counted(
    desk: Desk, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    delivered, failed = count_attempts("delivered"), count_attempts("connection_failed")
    async with receive(OK) as receiver:
        good = await desk.make_webhook(receiver.url, types=["ticket.opened"])
        bad = await desk.make_webhook("http://127.0.0.1:9/", types=["ticket.opened"])
        await desk.api.open(account, "HD-1")
        with caplog.at_level(logging.INFO, logger="surety.deliveries"):
            await desk.deliver()
    assert count_attempts("delivered") == delivered + 1
    assert count_attempts("connection_failed") == failed + 1
    lines = [
        json.loads(LineFormatter().format(record))
        for record in caplog.records
        if record.name == "surety.deliveries"
    ]
    told = {line["webhook_id"]: line for line in lines}
    assert set(told) == {good["id"], bad["id"]}
    (delivery,) = await desk.read_deliveries(good)
    line = told[good["id"]]
    assert line.pop("ms") >= 0
    del line["timestamp"]
    assert line == {
        "level": "INFO",
        "logger": "surety.deliveries",
        "event": "webhook_attempt",
        "webhook_id": good["id"],
        "delivery_id": delivery["id"],
        "event_id": delivery["event_id"],
        "account_id": "c-1",
        "attempt": 1,
        "result": "delivered",
        "status": 200,
    }
    assert told[bad["id"]]["result"] == "connection_failed"
    for webhook in (good, bad):
        assert webhook["secret"] not in caplog.text
