"""Where the benchmark is, where it writes, and the key that its clients hold."""

from pathlib import Path

ADMIN_KEY = "an-admin-key-for-the-benchmark-0123456789"
ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"
