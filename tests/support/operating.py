"""The operator's guide as the tests read it."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "OPERATING.md"
_BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def read_blocks(language: str) -> list[str]:
    """Return the guide's blocks of a language, in order."""
    return [text for name, text in _BLOCK.findall(GUIDE.read_text()) if name == language]
