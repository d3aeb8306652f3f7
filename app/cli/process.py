"""One of the processes that `surety serve` answers requests with."""

import multiprocessing
import signal

from fastapi import FastAPI

from app import main
from app.embedded.parental import end_with_parent


def create_app() -> FastAPI:
    """Return the application, in a process that does not outlive the one that started it."""
    if multiprocessing.parent_process() is not None:
        end_with_parent(signal.SIGTERM)
    return main.create_app()
