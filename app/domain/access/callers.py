"""Callers: who asks, and what they may do."""

from typing import Literal, get_args

from app.domain.access.refusals import Refusal
from app.domain.values import Value

Scope = Literal[
    "catalogs:write",
    "accounts:write",
    "purchases:write",
    "tickets:write",
    "ledger:write",
    "history:write",
    "read",
    "admin",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_HELPDESK: frozenset[Scope] = frozenset({"read", "accounts:write", "tickets:write"})
ROLES: dict[str, frozenset[Scope]] = {
    "viewer": frozenset({"read"}),
    "storefront": frozenset({"read", "accounts:write", "purchases:write"}),
    "helpdesk": _HELPDESK,
    "manager": _HELPDESK | {"purchases:write", "ledger:write", "history:write"},
    "admin": frozenset(SCOPES),
}


class ScopeMissing(Refusal):
    """The key is valid, and may not do this."""

    kind = "forbidden"
    code = "scope_missing"
    title = "The key lacks a scope"


class Caller(Value):
    """The holder of a key: its name in the records, its scopes, and the account it is bound to."""

    name: str
    scopes: frozenset[Scope]
    account_id: str | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin" in self.scopes

    def require(self, scope: Scope, *, why: str) -> None:
        """Refuse with `scope_missing` unless the caller holds `scope`."""
        if not self.may(scope):
            roles = [name for name, scopes in ROLES.items() if scope in scopes]
            *others, last = roles
            listed = f"{', '.join(others)} or {last}" if others else last
            detail = f"{why} needs the scope {scope}; a key of the role {listed} has it."
            raise ScopeMissing(detail, required=scope, roles=roles)
