"""Preconditions: a write is done only to what is as its caller thinks (RFC 9110 §13)."""

from app.domain.access.refusals import Refusal


class PreconditionFailed(Refusal):
    """`If-Match` names another state than the present one, or `If-None-Match: *` what is there."""

    kind = "stale"
    code = "precondition_failed"
    title = "The thing has changed since it was read"


def etag_of(version: int) -> str:
    """Return the entity tag of a version: strong, quoted."""
    return f'"{version}"'


def require_match(
    if_match: str | None, version: int | None, *, if_none_match: str | None = None
) -> None:
    """Refuse with `precondition_failed` unless both hold of this version (None: absent)."""
    if if_none_match is not None and version is not None:
        named = [tag.strip() for tag in if_none_match.split(",")]
        if "*" in named or etag_of(version) in named:
            raise PreconditionFailed("There is one already, and If-None-Match asks for none.")
    if if_match is None:
        return
    named = [tag.strip() for tag in if_match.split(",")]
    if version is not None and ("*" in named or etag_of(version) in named):
        return
    raise PreconditionFailed("If-Match names another state of the thing than its present one.")
