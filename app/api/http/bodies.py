"""Request bodies: plain JSON that everybody reads alike, or a refusal that says where it is not.

Two readers of one body must never see two different things, so what JSON leaves open is
refused: a name twice in one object, NaN and infinities, numbers too large to be read back,
another encoding than UTF-8, and text that no text column can keep.
"""

import json
import math
import re
from collections import Counter
from typing import Any

from fastapi.exceptions import RequestValidationError

from app.api.http.refusals.frame_refusals import MalformedJson, MalformedToml, UnsupportedMediaType
from app.documents.files import UnreadableDocument, read_toml

JSON, TOML = "application/json", "application/toml"
MERGE_PATCH = "application/merge-patch+json"
_MAX_DEPTH = 64
_TOO_DEEP = f"The body is nested more than {_MAX_DEPTH} deep."
_NESTED = frozenset({dict, list})
_NAME_ENDS = re.compile(rb'"[ \t\r\n]*:')
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)


class _NotPlainError(ValueError):
    """It may be JSON to one reader, and is something else to another."""


def read_body(
    body: bytes, *, content_type: str, encoding: str, taken: tuple[str, ...] = (JSON,)
) -> dict[str, Any]:
    """Return the body's object.

    Refuses with `unsupported_media_type` what is not sent as one of `taken`, with
    `malformed_json` or `malformed_toml` what is neither, and with `invalid_request` what is no
    object or has text that cannot be kept, by pointer.
    """
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if media_type not in taken:
        given = media_type[:80] or "without a type"
        raise UnsupportedMediaType(f"Send the body as {' or '.join(taken)}, not {given}.")
    charset = _CHARSET.search(parameters)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"Send the body as UTF-8, not as {charset[1][:40]}.")
    if encoding.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType("Send the body without a Content-Encoding.")
    parsed = _parse_toml(body) if media_type == TOML else _parse(body)
    if not isinstance(parsed, dict):
        raise _invalid((), "the body has to be a JSON object", "dict_type")
    # Raw control characters and raw surrogates are no JSON: only escapes can bring them.
    if b"\\u" in body or b"\\U" in body:
        _refuse_unstorable(parsed)
    return parsed


def _parse_toml(body: bytes) -> object:
    try:
        parsed = read_toml(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise MalformedToml("The body is not valid UTF-8.") from None
    except UnreadableDocument as error:
        raise MalformedToml(str(error)) from None
    _count_names(parsed)
    return parsed


def _parse(body: bytes) -> object:
    """Return what the body says, where it says it once.

    Every name stands before a colon. So where no more colons follow a quote than there are names
    in what was read, no name stands twice; else each object is looked at as it is read, which
    takes three times as long.
    """
    parsed = _load(body, _FAST)
    if len(_NAME_ENDS.findall(body)) == _count_names(parsed):
        return parsed
    return _load(body, _CAREFUL)


def _load(body: bytes, decoder: json.JSONDecoder) -> object:
    try:
        return decoder.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise MalformedJson("The body is not valid UTF-8.") from None
    except RecursionError:
        raise MalformedJson(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise MalformedJson(f"The body is not valid JSON: {error}.") from None
    except _NotPlainError as error:
        raise MalformedJson(f"The body is not valid JSON: {error}.") from None
    except ValueError:
        raise MalformedJson("The body has a number with too many digits.") from None


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _NotPlainError(f"the name {twice[:80]!a} stands twice in one object")
    return read


def _read_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _NotPlainError(f"the number {text[:40]} is too large")
    return value


def _refuse_constant(constant: str) -> None:
    raise _NotPlainError(f"{constant} is not JSON")


_FAST = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_read_float)
_CAREFUL = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_read_float, object_pairs_hook=_read_object
)


def _count_names(value: object) -> int:
    """Return how many names its objects have in all; refuse what is nested too deep."""
    names, level = 0, [value]
    for _ in range(_MAX_DEPTH):
        below: list[object] = []
        for each in level:
            if type(each) is dict:
                names += len(each)
                below += [inner for inner in each.values() if type(inner) in _NESTED]
            elif type(each) is list:
                below += [inner for inner in each if type(inner) in _NESTED]
        if not below:
            return names
        level = below
    raise MalformedJson(_TOO_DEEP)


def _refuse_unstorable(value: object, *place: str | int) -> None:
    """Refuse NUL and halves of surrogate pairs, in names and values, by pointer."""
    if isinstance(value, str):
        if "\0" in value:
            raise _invalid(place, "a NUL character is not taken", "control_character")
        if any(0xD800 <= ord(each) <= 0xDFFF for each in value):
            raise _invalid(place, "the text is not valid Unicode", "string_unicode")
    elif isinstance(value, dict):
        for name, each in value.items():
            _refuse_unstorable(name, *place, name)
            _refuse_unstorable(each, *place, name)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _refuse_unstorable(each, *place, index)


def _invalid(place: tuple[str | int, ...], detail: str, code: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", *place), "msg": detail, "type": code}])
