"""API keys: made and shown once, listed without their secrets, rotated, revoked."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import AfterValidator, ConfigDict, Field

from app.api.http.paging import cut_page
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import (
    ID_PATTERN,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    Order,
    Page,
    Text,
    Wire,
    read_cursor,
)
from app.db.access import keys as rows
from app.db.access.keys import KeyUnknown
from app.domain.access.callers import Scope
from app.domain.promises.durations import DurationFault, parse_duration
from app.services.access import keys
from app.services.access.keys import KeyEnded, KeyView, RoleOrScopes

routes = router("Keys")

KeyId = Annotated[UUID, Path(description="The key, by the id it was made with.")]
Role = Literal["viewer", "storefront", "helpdesk", "manager", "admin"]
_LONGEST_OVERLAP = timedelta(days=30)


def _require_overlap(text: str) -> str:
    try:
        overlap = parse_duration(text)
    except DurationFault as fault:
        raise ValueError(fault.detail) from None
    if not timedelta(0) <= overlap <= _LONGEST_OVERLAP:
        raise ValueError("an overlap is 0 to 30 days")
    return text


# How long a secret stays valid beside the one that takes its place: a key's, or a webhook's.
Overlap = Annotated[str, Field(max_length=60, examples=["P7D"]), AfterValidator(_require_overlap)]


class KeyOrder(Wire):
    """A key to be made, with a role or with scopes."""

    name: Annotated[Text, Field(examples=["shop"])]
    """The name by which people know what the key is for, such as `shop`."""
    role: Role | None = None
    """The role whose scopes the key has; given instead of `scopes`."""
    scopes: Annotated[list[Scope] | None, Field(min_length=1, max_length=8)] = None
    """The scopes that the key has, one by one; given instead of `role`."""
    account_id: Annotated[str | None, Field(pattern=ID_PATTERN)] = None
    """The only account that the key may see and change; left out, every account and the views
    across them."""
    expires_at: Instant | None = None
    """Until when the key is valid, itself excluded; left out, until it is revoked."""


class KeyRotation(Wire):
    """A key that is to have another secret."""

    overlap: Overlap = "P1D"
    """How long the present secret stays valid beside the new one: ISO 8601, up to 30 days."""


class KeyWire(Wire):
    """An API key: what it may do and until when, without its secret."""

    model_config = ConfigDict(validate_by_name=True)

    id: Annotated[UUID, Field(validation_alias="key_id")]
    """The key's own id, by which it is rotated and revoked."""
    name: str
    """The name by which people know what the key is for, such as `shop`."""
    prefix: str
    """The first characters of the key's secret, by which to recognise it."""
    role: Role | None
    """The role that the key was made with; null where it was made with scopes."""
    scopes: list[str]
    """The scopes of the key: what it may do."""
    account_id: Annotated[str | None, Field(validation_alias="bound_account_id")]
    """The only account that the key may see and change; null: every account."""
    created_at: Instant
    """The instant at which the key was made."""
    expires_at: Instant | None
    """Until when the key is valid, itself excluded; null: until it is revoked."""
    revoked_at: Instant | None
    """The instant at which the key was revoked; null while it is not."""
    rotated_at: Instant | None
    """When the key got its present secret; null while that is its first."""
    previous_valid_until: Annotated[Instant | None, Field(validation_alias="previous_ends_at")]
    """Until when the secret before the present one is valid, too; null where there was none."""
    last_used_at: Instant | None
    """When the key was last used, to the minute or so; null before its first use."""


class NewKeyWire(KeyWire):
    """A key that has just been made or rotated, with its secret."""

    secret: str
    """The secret part of the key, shown this once and kept nowhere; a replay leaves it out."""


@routes.post("/v1/api-keys", summary="Make a key", status_code=201)
@operation("admin", writes=True, across=True, refuses=[RoleOrScopes], secret="secret")  # noqa: S106
async def create_key(db: RequestDb, body: KeyOrder, response: Response) -> NewKeyWire:
    """Make a key; its secret is in this reply and nowhere else, not in a replay of it either."""
    response.headers["Cache-Control"] = "no-store"
    made = await keys.create_key(
        db,
        name=body.name,
        role=body.role,
        scopes=body.scopes,
        account_id=body.account_id,
        expires_at=body.expires_at,
    )
    return _as_new(made)


@routes.get("/v1/api-keys", summary="List keys")
@operation("admin", across=True, refuses=[InvalidCursor])
async def list_keys(
    db: RequestDb, order: Order = "desc", limit: Limit = 50, cursor: Cursor = None
) -> Page[KeyWire]:
    """Keys by when they were made, the revoked ones too."""
    found = await rows.list_keys(
        db, after=read_cursor(cursor, UUID), ascending=order == "asc", limit=limit + 1
    )
    return cut_page(
        found, limit=limit, place=lambda key: (key.key_id,), render=KeyWire.model_validate
    )


@routes.get("/v1/api-keys/{key_id}", summary="Read a key")
@operation("admin", across=True, refuses=[KeyUnknown])
async def get_key(db: RequestDb, key_id: KeyId) -> KeyWire:
    """A key without its secret: what it may do, until when, and when it was last used."""
    return KeyWire.model_validate(await rows.get_key(db, key_id))


@routes.post("/v1/api-keys/{key_id}/rotation", summary="Rotate a key")
@operation("admin", writes=True, across=True, refuses=[KeyUnknown, KeyEnded], secret="secret")  # noqa: S106
async def rotate_key(
    db: RequestDb,
    request: Request,
    response: Response,
    key_id: KeyId,
    body: KeyRotation | None = None,
) -> NewKeyWire:
    """Give a key a new secret, shown in this reply only; the present one is valid for the overlap.

    Two secrets are valid at most: rotating again ends the oldest at once. The id, the scopes and
    the expiry stay. For a secret that has leaked, `overlap` is `PT0S`.
    """
    response.headers["Cache-Control"] = "no-store"
    overlap = parse_duration((body or KeyRotation()).overlap)
    made = await keys.rotate_key(db, key_id, overlap=overlap)
    request.app.state.keyring.expire()
    return _as_new(made)


@routes.post("/v1/api-keys/{key_id}/rotate", summary="Rotate a key (older)", deprecated=True)
@operation("admin", writes=True, across=True, refuses=[KeyUnknown, KeyEnded], secret="secret")  # noqa: S106
async def rotate_key_before(
    db: RequestDb,
    request: Request,
    response: Response,
    key_id: KeyId,
    body: KeyRotation | None = None,
) -> NewKeyWire:
    """Do the same as `POST /v1/api-keys/{key_id}/rotation`, which takes its place."""
    response.headers["Deprecation"] = "@1795824000"
    response.headers["Link"] = f'</v1/api-keys/{key_id}/rotation>; rel="successor-version"'
    return await rotate_key(db, request, response, key_id, body)


@routes.delete("/v1/api-keys/{key_id}", summary="Revoke a key", status_code=200)
@operation("admin", writes=True, across=True, refuses=[KeyUnknown])
async def revoke_key(db: RequestDb, request: Request, key_id: KeyId) -> KeyWire:
    """End a key: within a second, no process takes it any more."""
    revoked = await keys.revoke_key(db, key_id)
    request.app.state.keyring.expire()
    return KeyWire.model_validate(revoked)


def _as_new(made: KeyView) -> NewKeyWire:
    return NewKeyWire(**dict(KeyWire.model_validate(made.key)), secret=made.secret)
