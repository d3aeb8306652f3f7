"""Repeats of a request: the reply stored for its key, and the first use of its reference."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.values import Value


class StoredReply(Value):
    """A reply by the digest of its `Idempotency-Key`; without a status it is still to come."""

    account_id: str
    digest: bytes
    request_digest: bytes
    status: int | None
    headers: Mapping[str, str] | None
    body: bytes | None
    created_at: datetime


class BusinessReference(Value):
    """What a reference was first used for, and the id of what came of it."""

    account_id: str
    operation: str
    reference: str
    request: Mapping[str, Any]
    result_id: str
    created_at: datetime
