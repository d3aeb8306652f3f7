"""What is logged, and where: one JSON object a line on stderr, for each event."""

from typing import Any

from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter


class LineFormatter(JsonFormatter):
    """Writes what was logged, a mapping with its `event` or others' text, as a JSON object."""

    def __init__(self) -> None:
        renamed = {"levelname": "level", "name": "logger"}
        super().__init__(
            ["levelname", "name", "message"], rename_fields=renamed, timestamp="timestamp"
        )

    def process_log_record(self, log_data: LogData) -> LogData:
        """Put the time first, and leave out the text where there is none."""
        line = {"timestamp": log_data.pop("timestamp"), **log_data}
        if not line["message"]:
            del line["message"]
        return line


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
