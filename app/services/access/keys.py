"""API keys: made, shown once, found again by the digest of their secret, rotated."""

import hashlib
import math
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db.access import keys
from app.db.accounts.locked_accounts import lock_account
from app.db.engine.clocks import Steady
from app.db.engine.database import Database
from app.db.engine.unit_of_work import Db
from app.db.tables import NO_ACCOUNT
from app.domain.access.callers import ROLES, SCOPES, Caller, Scope
from app.domain.access.keys import ApiKey
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.events.account_events import (
    describe_new_key,
    describe_revocation,
    describe_rotation,
)
from app.domain.values import Value, replace

# What scanners for leaked secrets look for; the rest is 32 random bytes.
SECRET_PREFIX = "surety_sk_"  # noqa: S105
# How long a key found valid is not looked up again: what a revocation may take to be seen.
REMEMBERED_S = 1.0

# Who holds the key that the settings give.
ADMIN = Caller("admin", frozenset(SCOPES))


class Unauthenticated(Refusal):
    """No key, or none that is valid: unknown, revoked and expired keys are told apart by none."""

    kind = "unauthenticated"
    code = "unauthenticated"
    title = "A valid API key is required"


class RoleOrScopes(InvalidPayload):
    """A key has a role, or scopes; one of them."""

    code = "role_or_scopes"
    title = "A key has a role or scopes"


class KeyEnded(Refusal):
    """The key was revoked or has expired; make a new one instead."""

    kind = "conflict"
    code = "key_ended"
    title = "The key has ended"


class KeyView(Value):
    """A key without its secret; `secret` only where it has just been made."""

    key: ApiKey
    secret: str | None = None


class _Known(Value):
    """Who was found by a secret, and until when the database is not asked again."""

    fresh_until_s: float
    ends_at: datetime | None
    caller: Caller
    key_id: UUID

    def has_ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now


class KeyRing:
    """Finds the caller of a key, remembering for a second what it found, and when it was used.

    `steady` counts that second; left out, the database handle's clock does.
    """

    def __init__(self, admin_key: str | None = None, *, steady: Steady | None = None) -> None:
        self._steady = steady
        self._admin_digest = digest_of(admin_key) if admin_key else None
        self._known: dict[bytes, _Known] = {}
        self._uses: dict[UUID, datetime] = {}

    def find_cached_name(self, digest: bytes) -> str | None:
        """Return the name of who was found by a secret before, by its digest, if anybody was.

        Whether it is valid still, it does not say.
        """
        known = self._known.get(digest)
        if known is not None:
            return known.caller.name
        return ADMIN.name if self._is_admin(digest) else None

    def find_cached_caller(self, digest: bytes) -> Caller | None:
        """Return who was found by a secret when the database was last asked, if anybody was.

        For when it cannot be asked: whether the key was revoked since, nobody knows then.
        """
        known = self._known.get(digest)
        if known is not None:
            return known.caller
        return ADMIN if self._is_admin(digest) else None

    async def find_caller(self, db: Db, digest: bytes) -> Caller:
        """Return who holds the secret of a digest, or refuse with `unauthenticated`."""
        if self._is_admin(digest):
            return ADMIN
        now = db.read_clock()
        known = self._known.get(digest)
        # By a clock that is never set back, or a key that was revoked would be valid for as long.
        began_s = now.timestamp() if self._steady is None else self._steady()
        if known is not None and known.fresh_until_s > began_s and not known.has_ended(now):
            self._uses[known.key_id] = now
            return known.caller
        try:
            caller, key_id, ends_at = await authenticate(db, digest)
        except Unauthenticated:
            self._known.pop(digest, None)
            raise
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[digest] = _Known(began_s + REMEMBERED_S, ends_at, caller, key_id)
        self._uses[key_id] = now
        return caller

    def expire(self) -> None:
        """Look every key up again, as when one has been revoked in this process."""
        self._known = {
            digest: replace(known, fresh_until_s=-math.inf) for digest, known in self._known.items()
        }

    def _is_admin(self, digest: bytes) -> bool:
        return self._admin_digest is not None and secrets.compare_digest(digest, self._admin_digest)

    async def record_uses(self, database: Database) -> None:
        """Write when each key was last used since this was last done, if any was."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        try:
            async with database.transaction() as db:
                await keys.record_uses(db, uses)
        except BaseException:
            self._uses = uses | self._uses
            raise


async def authenticate(db: Db, digest: bytes) -> tuple[Caller, UUID, datetime | None]:
    """Return who holds the secret with this digest, its key, and until when.

    Refuses `unauthenticated`.
    """
    key = await keys.find_key(db, digest)
    if key is None:
        raise Unauthenticated("The key is not valid.")
    is_valid, ends_at = key.find_end(digest, at=db.read_clock())
    if not is_valid:
        raise Unauthenticated("The key is not valid.")
    return key.caller, key.key_id, ends_at


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
    account = await lock_account(db, NO_ACCOUNT)
    now = db.read_clock()
    secret = _make_secret()
    granted = ROLES[role] if role is not None else frozenset(scopes or ())
    key = ApiKey(
        key_id=uuid7(),
        name=name,
        prefix=_prefix_of(secret),
        digest=digest_of(secret),
        previous_digest=None,
        previous_ends_at=None,
        role=role,
        scopes=sorted(granted),
        bound_account_id=account_id,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
        rotated_at=None,
        last_used_at=None,
    )
    await keys.insert_key(db, key)
    account.record(describe_new_key(key), at=now)
    return KeyView(key, secret)


async def rotate_key(db: Db, key_id: UUID, *, overlap: timedelta) -> KeyView:
    """Give a key a new secret, returned once; the present one stays valid for the overlap.

    Two secrets are valid at most: rotating again ends the oldest at once. Refuses `key_unknown`,
    and `key_ended` for one that was revoked or has expired.
    """
    account = await lock_account(db, NO_ACCOUNT)
    key = await keys.get_key(db, key_id, lock=True)
    now = db.read_clock()
    if key.has_ended(now):
        raise KeyEnded("The key was revoked or has expired; make a new one.")
    secret = _make_secret()
    key = await keys.rotate_key(
        db,
        key,
        digest=digest_of(secret),
        prefix=_prefix_of(secret),
        previous_ends_at=now + overlap,
        now=now,
    )
    account.record(describe_rotation(key, previous_valid_until=now + overlap), at=now)
    return KeyView(key, secret)


async def revoke_key(db: Db, key_id: UUID) -> ApiKey:
    """End a key now, for good, and return it; an earlier end stays. Refuses `key_unknown`."""
    account = await lock_account(db, NO_ACCOUNT)
    key = await keys.get_key(db, key_id, lock=True)
    if key.revoked_at is not None:
        return key
    now = db.read_clock()
    account.record(describe_revocation(key), at=now)
    return await keys.revoke_key(db, key, now=now)


def _make_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def _prefix_of(secret: str) -> str:
    return secret[: len(SECRET_PREFIX) + 4]


def digest_of(secret: str) -> bytes:
    """Return what is kept of a secret. It is random, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()
