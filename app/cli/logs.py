"""What is logged, and where: lines on stderr, one for each event."""

from typing import Any


def configure_logs(level: str) -> dict[str, Any]:
    """Return the configuration, as `logging.config.dictConfig` and uvicorn take it.

    Requests have their own line from the application; of the server's words, warnings are
    enough unless all is wanted.
    """
    server_level = "DEBUG" if level == "debug" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            "uvicorn": {"level": server_level},
            "asyncio": {"level": server_level},
            "httpx": {"level": server_level},
        },
    }
