"""API keys: made, shown once, found again by the digest of their secret, and revoked."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db import keys
from app.db.database import Db
from app.domain.callers import ROLES, SCOPES, Caller, Scope
from app.domain.refusals import Fault, InvalidPayload, Refusal

# What scanners for leaked secrets look for; the rest is 32 random bytes.
SECRET_PREFIX = "surety_sk_"  # noqa: S105
# How long a key found valid is not looked up again: what a revocation may take to be seen.
REMEMBERED = timedelta(seconds=1)


class Unauthenticated(Refusal):
    """No key, or none that is valid: unknown, revoked and expired keys are told apart by none."""

    kind = "unauthenticated"
    code = "unauthenticated"
    title = "A valid API key is required"


class RoleOrScopes(InvalidPayload):
    """A key has a role, or scopes; one of them."""

    code = "role_or_scopes"
    title = "A key has a role or scopes"


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key without its secret; `secret` only where it has just been made."""

    row: Any
    secret: str | None = None


class KeyRing:
    """Finds the caller of a key, remembering for a second what it found."""

    def __init__(self, admin_key: str | None = None) -> None:
        self._admin_digest = digest_of(admin_key) if admin_key else None
        self._known: dict[bytes, tuple[datetime, Caller]] = {}

    async def find_caller(self, db: Db, secret: str) -> Caller:
        """Return who holds this secret, or refuse with `unauthenticated`."""
        digest = digest_of(secret)
        if self._admin_digest is not None and secrets.compare_digest(digest, self._admin_digest):
            return Caller("admin", frozenset(SCOPES))
        now = db.read_clock()
        known = self._known.get(digest)
        if known is not None and known[0] > now:
            return known[1]
        caller, ends_at = await authenticate(db, digest)
        if len(self._known) > 10_000:
            self._known.clear()
        remembered = now + REMEMBERED
        self._known[digest] = (min(remembered, ends_at or remembered), caller)
        return caller

    def forget(self) -> None:
        """Forget every key, as when one has been revoked in this process."""
        self._known.clear()


async def authenticate(db: Db, digest: bytes) -> tuple[Caller, datetime | None]:
    """Return who holds the key with this digest, and until when; refuse `unauthenticated`."""
    row = await keys.find_key(db, digest)
    now = db.read_clock()
    if (
        row is None
        or (row["revoked_at"] is not None and row["revoked_at"] <= now)
        or (row["expires_at"] is not None and row["expires_at"] <= now)
    ):
        raise Unauthenticated("The key is not valid.")
    caller = Caller(
        name=f"key:{row['key_id']}",
        scopes=frozenset(row["scopes"]),
        account_id=row["bound_account_id"],
    )
    return caller, row["expires_at"]


async def create_key(
    db: Db,
    *,
    name: str,
    role: str | None,
    scopes: Iterable[Scope] | None,
    account_id: str | None,
    expires_at: datetime | None,
) -> KeyView:
    """Make a key with a role's scopes, or the scopes named; its secret is returned once."""
    if (role is None) == (scopes is None):
        detail = "Give a role, or scopes."
        raise RoleOrScopes([Fault("/role", detail, RoleOrScopes.code)])
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    granted = ROLES[role] if role is not None else frozenset(scopes or ())
    row = {
        "key_id": UUID(bytes=uuid7().bytes),
        "name": name,
        "prefix": secret[: len(SECRET_PREFIX) + 4],
        "digest": digest_of(secret),
        "role": role,
        "scopes": sorted(granted),
        "bound_account_id": account_id,
        "created_at": db.read_clock(),
        "expires_at": expires_at,
        "revoked_at": None,
        "previous_digest": None,
        "previous_ends_at": None,
        "rotated_at": None,
        "last_used_at": None,
    }
    await keys.insert_key(db, row)
    return KeyView(row, secret)


def digest_of(secret: str) -> bytes:
    """Return what is kept of a secret. It is random, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()
