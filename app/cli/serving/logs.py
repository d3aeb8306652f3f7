"""Logs: one JSON object a line on stderr, for each event."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace
from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter

_ENCODER = json.JSONEncoder(default=str)


class LineFormatter(JsonFormatter):
    """Writes what was logged, a mapping with its `event` or others' text, as a JSON object.

    What is logged while a trace is made has the trace's id, so that one leads to the other.

    Every request pays for its line, so it has what is told here and no more.
    """

    def add_fields(
        self, log_data: LogData, record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Put the time first, then who says it, then what."""
        log_data["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat()
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        if record.message:
            log_data["message"] = record.message
        log_data.update(message_dict)
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            log_data["trace_id"] = trace.format_trace_id(span.trace_id)

    def jsonify_log_record(self, log_data: LogData) -> str:
        """Return it as one line."""
        return _ENCODER.encode(log_data)


def configure_logs(level: str) -> dict[str, Any]:
    """Return the configuration, as `logging.config.dictConfig` and uvicorn take it.

    Requests have their own line from the application; of the server's words, warnings are
    enough unless all is wanted.
    """
    server_level = "DEBUG" if level == "debug" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": LineFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            "uvicorn": {"level": server_level},
            "alembic": {"level": server_level},
            "asyncio": {"level": server_level},
            "httpx": {"level": server_level},
        },
    }
