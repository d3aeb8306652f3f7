"""Helpers of the tests of points terms, shared with others."""

from typing import Any

# Issue category, what it needs besides, and its points as the seller lists them.
PRICE_LIST: list[tuple[str, dict[str, Any], int]] = [
    ("level-0", {}, 0),
    ("level-1", {}, 10),
    ("level-2", {}, 25),
    ("level-3", {}, 40),
    ("level-4", {}, 80),
    ("warranty", {}, 0),
    ("mod-small", {}, 25),
    ("mod-medium", {}, 50),
    ("patch", {}, 40),
    ("other", {"amount": 35}, 35),  # upon request: 35 were agreed upon
    ("install", {}, 150),
    ("install-third-party", {}, 100),  # from 100
    ("install-ssl", {}, 150),
    ("install-server-app", {}, 150),  # from 150
    ("transfer-store", {}, 150),
    ("transfer-customized", {}, 150),  # from 150
    ("transfer-sales-n-stats", {}, 80),  # 80-100 opens at 80
    ("transfer-aspe", {"variables": {"stores": 3}}, 300),  # 120 + 3 × 60
    ("optimize-store", {}, 80),  # from 80
    ("optimize-server", {}, 120),  # from 120
    ("sef-analysis", {}, 60),
    ("security-audit", {"variables": {"additional_stores": 2}}, 270),  # 150 + 2 × 60
]
