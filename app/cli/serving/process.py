"""One of the processes that `surety serve` answers requests with."""

import gc
import multiprocessing
import os
import signal
import sys

from fastapi import FastAPI

from app import main
from app.embedded.parental import end_with_parent
from app.settings import load_settings


def create_app() -> FastAPI:
    """Return the application, in a process that does not outlive the one that started it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        end_with_parent(signal.SIGTERM)
        if os.getppid() != parent.pid:  # it died before we asked
            sys.exit(0)
    app = main.create_app(load_settings())
    # What there is now stays to the end: the collector need not go through it again and again.
    gc.freeze()
    gc.enable()
    return app
