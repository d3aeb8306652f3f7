"""API keys: who holds one may do what, until when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.access.callers import Caller, Scope
from app.domain.values import Value


class ApiKey(Value):
    """A key as stored: digests of its secret and of the one before it, never the secrets."""

    key_id: UUID
    name: str
    prefix: str
    digest: bytes
    previous_digest: bytes | None
    previous_ends_at: datetime | None
    role: str | None
    scopes: Sequence[Scope]
    bound_account_id: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None
    last_used_at: datetime | None

    @property
    def caller(self) -> Caller:
        """Who holds it."""
        return Caller(f"key:{self.key_id}", frozenset(self.scopes), self.bound_account_id)

    def has_ended(self, at: datetime) -> bool:
        """Return whether it was revoked, by whatever clock, or has expired by `at`."""
        expired = self.expires_at is not None and self.expires_at <= at
        return expired or self.revoked_at is not None

    def find_end(self, digest: bytes, *, at: datetime) -> tuple[bool, datetime | None]:
        """Return whether the secret with this digest is valid at `at`, and until when.

        The secret before the present one is as good, until the end of its overlap; without one it
        ended as it was rotated, whatever the clock says since.
        """
        if self.has_ended(at):
            return False, None
        if self.digest == digest:
            return True, self.expires_at
        if self.previous_ends_at is None or self.previous_ends_at <= max(at, self.rotated_at or at):
            return False, None
        return True, min(self.previous_ends_at, self.expires_at or self.previous_ends_at)
