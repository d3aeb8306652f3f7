"""An application that does nothing, and has imported the libraries that ours has imported."""

import importlib
import os
from contextlib import suppress

from fastapi import FastAPI


def create_app() -> FastAPI:
    """Return the application; BENCH_MODULES has the modules' names."""
    for name in os.environ["BENCH_MODULES"].split():
        with suppress(ImportError):  # a package's own part, which it imports itself
            importlib.import_module(name)
    app = FastAPI()

    @app.get("/healthz")
    async def check_health() -> dict[str, str]:
        return {"status": "ok"}

    return app
