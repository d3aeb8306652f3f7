"""The commands of the README and the guides, and the replies that are shown for them."""

import re
from pathlib import Path
from typing import Any

README = Path(__file__).parent.parent.parent / "README.md"
# A command, and the reply that is shown after it, if one is.
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


def read_blocks(page: Path = README) -> list[tuple[str, str]]:
    """Return each command with the reply that is shown, in their order."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def is_shortened(shown: Any, reply: Any) -> bool:
    """Whether what is shown is the reply with nothing changed, only left out."""
    if isinstance(shown, dict):
        return isinstance(reply, dict) and all(
            name in reply and is_shortened(value, reply[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return (
            isinstance(reply, list)
            and len(shown) == len(reply)
            and all(map(is_shortened, shown, reply))
        )
    return bool(shown == reply)
