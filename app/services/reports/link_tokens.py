"""Tokens of links: what is random of one, the account that it is of, and how long it may last.

A token is shown once; its digest is what is stored.
"""

import base64
import binascii
import hashlib
import re
import secrets
from datetime import datetime, timedelta

from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.values import Value

_RANDOM_BYTES = 32
_LONGEST = timedelta(days=366)
_ACCOUNT_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}")


class InvalidLinkTerm(InvalidPayload):
    """A link lasts for some time, and for 366 days at most."""

    code = "invalid_link_term"
    title = "The link's term is not valid"


class MadeLink(Value):
    """A link as it was made: its token, which is shown once, and its end."""

    token: str
    expires_at: datetime


class LinkToken(Value):
    """A token's bytes: those that nobody guesses, then the account's id."""

    secret: bytes

    @property
    def account_id(self) -> str:
        return self.secret[_RANDOM_BYTES:].decode()

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.secret).digest()

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(self.secret).decode().rstrip("=")


def make_token(account_id: str) -> LinkToken:
    """Make a new token of an account."""
    return LinkToken(secrets.token_bytes(_RANDOM_BYTES) + account_id.encode())


def read_token(text: str) -> LinkToken | None:
    """Return the token that a text is, or None where it cannot be one."""
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return LinkToken(secret) if _ACCOUNT_ID.fullmatch(secret[_RANDOM_BYTES:]) else None


def require_link_term(expires_in: timedelta) -> None:
    """Refuse with `invalid_link_term` a link that lasts for no time, or for too long."""
    if not timedelta() < expires_in <= _LONGEST:
        detail = "A link lasts for some time, and for 366 days at most."
        raise InvalidLinkTerm([Fault("/expires_in", detail, InvalidLinkTerm.code)])
