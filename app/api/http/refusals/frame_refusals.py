"""Refusals of the frame itself: bodies, heads, hosts, methods, and a database that is away."""

from app.domain.access.refusals import Refusal


class MalformedJson(Refusal):
    """The body is not JSON, or not JSON that everybody reads alike."""

    kind = "malformed"
    code = "malformed_json"
    title = "The body is not valid JSON"


class MalformedToml(Refusal):
    """The body is not TOML, though it is sent as such; the detail says where."""

    kind = "malformed"
    code = "malformed_toml"
    title = "The body is not valid TOML"


class UnsupportedMediaType(Refusal):
    """The body is not sent as `application/json`, or as TOML where that is taken too."""

    kind = "unsupported"
    code = "unsupported_media_type"
    title = "The body has to be JSON"


class BodyTooLarge(Refusal):
    """The body is larger than 4 MiB."""

    kind = "too_large"
    code = "body_too_large"
    title = "The body is too large"


class HeadTooLarge(Refusal):
    """The request's head has more than 32 KiB, or more than 100 headers."""

    kind = "too_large"
    code = "head_too_large"
    title = "The head of the request is too large"


class HeadTooSlow(Refusal):
    """The request's head did not arrive in time."""

    kind = "malformed"
    code = "head_too_slow"
    title = "The head of the request came too slowly"


class InvalidHost(Refusal):
    """The request names no host, or more than one."""

    kind = "malformed"
    code = "invalid_host"
    title = "A request names one host"


class InvalidRequest(Refusal):
    """The payload or a parameter is not of the form that the operation takes."""

    kind = "invalid"
    code = "invalid_request"
    title = "The request is not valid"


class NotFound(Refusal):
    """There is nothing at this address."""

    kind = "unknown"
    code = "not_found"
    title = "There is nothing at this address"


class MethodNotAllowed(Refusal):
    """The address does not take this method; `Allow` lists those it takes."""

    kind = "unknown"
    code = "method_not_allowed"
    title = "The address does not take this method"


class DatabaseUnavailable(Refusal):
    """The database does not answer, or not in time; try again.

    What is sent again with the same ids, or the same `Idempotency-Key`, happens once, even where
    the answer was lost after it had been done.
    """

    kind = "unavailable"
    code = "database_unavailable"
    title = "The database does not answer"


class Busy(Refusal):
    """Others were writing to the same account for too long. Nothing was done; try again."""

    kind = "unavailable"
    code = "busy"
    title = "The account is busy"


class SerializationFailure(Refusal):
    """The database let another transaction go first. Nothing was done; try again."""

    kind = "unavailable"
    code = "serialization_failure"
    title = "Another transaction went first"


class InternalError(Refusal):
    """Something went wrong on our side. Nothing was done."""

    kind = "unavailable"
    code = "internal_error"
    title = "Something went wrong on our side"
