"""Files of an archive: each is whole, on the disk, and nobody else's, before it has its name.

Several may write into one folder, also of several databases: what is written is of a name that
nobody else has, and the name that it gets is taken before, as an empty file that was not there.
What is killed leaves a `.part`, or that empty file; neither has anything that was removed.
"""

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

_SUFFIX = ".ndjson.gz"
_PART = ".part"


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner sees, where there is none, so that it stays."""
    os.umask(0o077)
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in made:
        _sync(each.parent)


def write_file(folder: Path, kind: str, lines: Iterable[Mapping[str, Any]]) -> str:
    """Write a file of lines under the next number, whole or not at all; its name."""
    part = folder / f"{kind}-{token_hex(8)}{_PART}"
    try:
        with part.open("xb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8") as text:
                for line in lines:
                    text.write(json.dumps(line, default=_write_value, ensure_ascii=False) + "\n")
            raw.flush()
            os.fsync(raw.fileno())
        file = _take_name(folder, kind)
        # What it replaces is the empty file that was made for it.
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(folder)
    return file.name


def _take_name(folder: Path, kind: str) -> Path:
    """Make the file of the next number, empty, where nobody else has made it."""
    number = max((_read_number(each) for each in folder.glob(f"{kind}-*{_SUFFIX}")), default=0)
    while True:
        number += 1
        file = folder / f"{kind}-{number:06}{_SUFFIX}"
        try:
            file.touch(exist_ok=False)
        except FileExistsError:
            continue
        return file


def _read_number(file: Path) -> int:
    number = file.name.removesuffix(_SUFFIX).rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _sync(folder: Path) -> None:
    """Have the names in a folder be on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_value(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
