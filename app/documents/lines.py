"""Lines of a TOML text, by the fields that stand on them: for messages about a file.

The text is known to be valid TOML; here it is only followed, so as to count lines.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_PLAIN = re.compile(r"[^\n,\]}#]*")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


def find_lines(text: str) -> dict[Path, int]:
    """Return the line of each field, table and item of a valid TOML text, by its steps."""
    return _Follower(text).follow()


def line_of(lines: Mapping[Path, int], pointer: str) -> int | None:
    """Return the line of what a pointer names, or of the nearest table around it."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for length in range(len(steps), 0, -1):
        found = _find(lines, steps[:length])
        if found is not None:
            return found
    return None


def _find(lines: Mapping[Path, int], steps: Sequence[str]) -> int | None:
    path: Path = ()
    for step in steps:
        named, numbered = (*path, step), (*path, int(step) if step.isdigit() else -1)
        path = named if named in lines else numbered
    return lines.get(path)


class _Follower:
    """Goes through a text from statement to statement."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._line, self._counted = 1, 0
        self._items: dict[Path, int] = {}

    def follow(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self._enter_item()
            elif self.text[self.at] == "[":
                self.at += 1
                table = self._place(self._key())
                self._mark_all(table)
                self.at += 1
            else:
                self._pair(table)
        return self.lines

    def _enter_item(self) -> Path:
        self.at += 2
        array = self._place(self._key())
        self._items[array] = self._items.get(array, -1) + 1
        item = (*array, self._items[array])
        self._mark_all(item)
        self.at += 2
        return item

    def _place(self, key: Path) -> Path:
        """Return where a header's key leads: into the last item of any list on its way."""
        path: Path = ()
        for step in key[:-1]:
            path = (*path, step)
            if path in self._items:
                path = (*path, self._items[path])
        return (*path, key[-1])

    def _pair(self, table: Path) -> None:
        start = self.at
        key = self._key()
        for length in range(1, len(key) + 1):
            self._mark((*table, *key[:length]), start)
        self.at += 1  # the equals sign
        self._value((*table, *key))

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        opened = self.text[self.at]
        if opened == "[":
            self._inside("]", path, numbered=True)
        elif opened == "{":
            self._inside("}", path, numbered=False)
        elif opened in "\"'":
            self._string()
        else:
            self._skip(_PLAIN)

    def _inside(self, close: str, path: Path, *, numbered: bool) -> None:
        self.at += 1
        place = 0
        while self._past_comma() != close:
            if numbered:
                self._mark((*path, place))
                self._value((*path, place))
            else:
                self._pair(path)
            place += 1
        self.at += 1

    def _past_comma(self) -> str:
        self._skip(_BLANK)
        while self.text[self.at] == ",":
            self.at += 1
            self._skip(_BLANK)
        return self.text[self.at]

    def _key(self) -> Path:
        """Read a dotted key, and stop at what follows it."""
        steps: list[str] = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                steps.append(str(tomllib.loads(f"key = {self._string()}")["key"]))
            else:
                begin = self.at
                steps.append(self.text[begin : self._skip(_BARE)])
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(steps)
            self.at += 1

    def _string(self) -> str:
        begin = self.at
        for form in _STRINGS:
            if form.match(self.text, begin):
                return self.text[begin : self._skip(form)]
        raise ValueError("The text is not valid TOML.")

    def _skip(self, form: re.Pattern[str]) -> int:
        found = form.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def _mark_all(self, path: Path) -> None:
        for length in range(1, len(path) + 1):
            self._mark(path[:length])

    def _mark(self, path: Path, at: int | None = None) -> None:
        place = self.at if at is None else at
        if place < self._counted:
            self._line, self._counted = 1, 0
        self._line += self.text.count("\n", self._counted, place)
        self._counted = place
        self.lines.setdefault(path, self._line)
