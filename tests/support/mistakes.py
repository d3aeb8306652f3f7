"""Helpers of the tests of mistakes, shared with others."""

from pathlib import Path

SHOP = Path(__file__).parents[1] / "documents" / "data" / "shop.toml"
