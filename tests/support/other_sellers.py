"""Helpers of the tests of other sellers, shared with others."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "catalogs"

TOML = {"Content-Type": "application/toml"}
