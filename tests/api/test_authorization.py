"""Who may call what: every operation of the document, with every kind of key that will not do.

The matrix is made from the application's own routes, so that a route cannot be added without
being in it. What is public is the literal below, which may only shrink.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.api.http.routing import Route
from app.domain.access.callers import ROLES, SCOPES, Scope
from app.main import ROUTES, create_app
from app.services.access.keys import KeyRing, digest_of
from tests.api.conftest import Api, Clock

# What is readable without a key. It may only shrink.
PUBLIC = {
    "GET /",
    "GET /problems",
    "GET /docs",
    "GET /docs/assets/{name}",
    "GET /healthz",
    "GET /openapi.json",
    "GET /problems/{code}",
    "GET /readyz",
    "GET /v1/calendars",
    "GET /v1/calendars/{catalog}/{calendar}",
    "GET /v1/calendars/{catalog}/{calendar}/status",
    "GET /v1/catalogs",
    "GET /v1/catalogs/schema",
    "GET /v1/catalogs/{catalog}",
    "GET /v1/catalogs/{catalog}/comparison",
    "GET /v1/catalogs/{catalog}/rate-card",
    "GET /v1/catalogs/{catalog}/severities",
    "GET /v1/catalogs/{catalog}/topics",
    "GET /v1/catalogs/{catalog}/versions/{version}",
    "GET /v1/offers",
    "GET /v1/links/{token}",
    "GET /v1/statements/{token}",
}
ROUTES_OF_THE_APP: list[Route] = [
    route for resource in ROUTES for route in resource.routes.routes if isinstance(route, Route)
]


@dataclass(frozen=True)
class Operation:
    """One method of one route, and an address that it would answer at."""

    route: Route
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.route.path}"

    def address(self, account_id: str) -> str:
        places = {"account_id": account_id, "catalog": "livecart"}
        return re.sub(r"\{(\w+)\}", lambda found: places.get(found[1], found[1]), self.route.path)


OPERATIONS = [
    Operation(route, method)
    for route in ROUTES_OF_THE_APP
    for method in sorted(route.methods or ())
]
GUARDED = [each for each in OPERATIONS if each.route.access.scope is not None]


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Hold the names of all operations, each once."""
    found = {str(each) for each in OPERATIONS}
    assert len(found) == len(OPERATIONS)
    return found


def test_what_is_public_is_what_the_contract_says(names: set[str]) -> None:
    public = {str(each) for each in OPERATIONS if each.route.access.scope is None}
    assert public == PUBLIC
    assert names > PUBLIC


def test_every_route_of_the_application_says_who_may_call_it() -> None:
    app = create_app()
    addresses = {
        (method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item
    }
    here = {(each.method, each.route.path) for each in OPERATIONS}
    assert addresses <= here
    assert [each for each in app.routes if isinstance(each, APIRoute)] == ROUTES_OF_THE_APP


def test_what_writes_needs_more_than_read() -> None:
    # A link to what its holder may read anyhow is a row, and no more.
    of_readers = {
        "POST /v1/accounts/{account_id}/links",
        "POST /v1/accounts/{account_id}/statement-links",
    }
    for each in GUARDED:
        if each.route.access.writes and str(each) not in of_readers:
            assert each.route.access.scope not in (None, "read"), each
            assert each.method != "GET", each
        else:
            assert each.route.access.scope in ("read", "admin"), each


def test_what_names_no_account_looks_across_all_or_at_none() -> None:
    """A key bound to one account must not see others through an address without one."""
    of_no_account = {
        "POST /v1/business-time/due",
        "POST /v1/business-time/due/items",
        "POST /v1/business-time/elapsed",
        "POST /v1/business-time/elapsed/items",
        "POST /v1/deadlines/preview",
    }
    for each in GUARDED:
        if "{account_id}" not in each.route.path:
            assert each.route.access.across == (str(each) not in of_no_account), each


def test_an_operation_cannot_be_declared_without_a_scope() -> None:
    async def open_everything() -> None:
        """Nobody said who may."""

    with pytest.raises(TypeError, match="does not say who may call it"):
        Route("/v1/everything", open_everything)


def test_roles_are_sets_of_scopes() -> None:
    assert set(SCOPES) == set(get_args(Scope))
    assert {name: sorted(scopes) for name, scopes in ROLES.items() if name != "admin"} == {
        "viewer": ["read"],
        "storefront": ["accounts:write", "purchases:write", "read"],
        "helpdesk": ["accounts:write", "read", "tickets:write"],
        "manager": [
            "accounts:write",
            "history:write",
            "ledger:write",
            "purchases:write",
            "read",
            "tickets:write",
        ],
    }
    assert ROLES["admin"] == set(SCOPES)


@dataclass(frozen=True)
class Keys:
    """Secrets that will not do, and one for each scope."""

    revoked: str
    expired: str
    bound: str
    scopes: dict[str, str]


@pytest.fixture
async def keys(api: Api, clock: Clock) -> Keys:
    """Make two accounts, and every kind of key."""
    await api.make_account("c-1")
    await api.make_account("c-2")

    async def make(name: str, **order: Any) -> dict[str, Any]:
        reply = await api.post("/v1/api-keys", {"name": name} | order)
        assert reply.status_code == 201, reply.text
        made: dict[str, Any] = reply.json()
        return made

    revoked = await make("revoked", role="admin")
    assert (await api.delete(f"/v1/api-keys/{revoked['id']}")).status_code == 200
    soon = (clock.now + timedelta(minutes=1)).isoformat()
    expired = await make("expired", role="admin", expires_at=soon)
    bound = await make("bound", role="admin", account_id="c-1")
    scopes = {scope: await make(scope, scopes=[scope]) for scope in SCOPES}
    clock.advance(minutes=1)
    return Keys(
        revoked["secret"],
        expired["secret"],
        bound["secret"],
        {scope: made["secret"] for scope, made in scopes.items()},
    )


async def _call(api: Api, operation: Operation, account_id: str = "c-1") -> httpx.Response:
    without_body = operation.method in ("GET", "DELETE")
    return await api.http.request(
        operation.method, operation.address(account_id), json=None if without_body else {}
    )


async def test_without_a_valid_key(api: Api, keys: Keys) -> None:
    def sends(authorization: str) -> Api:
        client = api.holding(None)
        client.http.headers["Authorization"] = authorization
        return client

    for client in (
        api.holding(None),
        sends(""),
        sends("Bearer"),
        sends("Bearer "),
        sends(f"Basic {keys.bound}"),
        sends(keys.bound),
        api.holding("surety_sk_unknown"),
        sends("Bearer ключ"),
        api.holding("x" * 10_000),
        api.holding(keys.revoked),
        api.holding(keys.expired),
    ):
        for operation in GUARDED:
            reply = await _call(client, operation)
            assert reply.status_code == 401, str(operation)
            assert reply.headers["WWW-Authenticate"] == "Bearer"
            problem = reply.json()
            assert problem.pop("detail")
            assert problem == {
                "type": "/problems/unauthenticated",
                "title": "A valid API key is required",
                "status": 401,
                "instance": operation.address("c-1"),
                "code": "unauthenticated",
            }


async def test_keys_that_are_not_valid_are_not_told_apart(api: Api, keys: Keys) -> None:
    said = [
        (await api.holding(secret).get("/v1/queue")).json()
        for secret in ("surety_sk_unknown", keys.revoked, keys.expired)
    ]
    assert said[0] == said[1] == said[2]


async def test_without_the_scope(api: Api, keys: Keys) -> None:
    for scope, secret in keys.scopes.items():
        holder = api.holding(secret)
        for operation in GUARDED:
            needed = operation.route.access.scope
            reply = await _call(holder, operation)
            if scope in (needed, "admin"):
                assert reply.status_code not in (401, 403), (scope, str(operation), reply.text)
                continue
            assert reply.status_code == 403, (scope, str(operation))
            roles = [name for name, scopes in ROLES.items() if needed in scopes]
            listed = " or ".join(", ".join(roles).rsplit(", ", 1))
            assert reply.json() == {
                "type": "/problems/scope_missing",
                "title": "The key lacks a scope",
                "status": 403,
                "detail": f"This needs the scope {needed}; a key of the role {listed} has it.",
                "instance": operation.address("c-1"),
                "code": "scope_missing",
                "required": needed,
                "roles": roles,
            }


async def test_a_key_bound_to_another_account(api: Api, keys: Keys) -> None:
    """Other accounts do not exist for it, nor any view across accounts: there or not, 404."""
    holder = api.holding(keys.bound)
    for operation in GUARDED:
        if "{account_id}" in operation.route.path:
            there = await _call(holder, operation, "c-2")
            not_there = await _call(holder, operation, "c-3")
            assert there.status_code == not_there.status_code == 404, str(operation)
            said = [reply.text.replace("c-3", "c-2") for reply in (there, not_there)]
            assert said[0] == said[1]
            assert there.json()["code"] == "account_unknown"
        elif operation.route.access.across:
            reply = await _call(holder, operation)
            assert (reply.status_code, reply.json()["code"]) == (404, "account_unknown")


async def test_a_key_bound_to_its_own_account(api: Api, keys: Keys) -> None:
    holder = api.holding(keys.bound)
    await holder.buy("/v1/accounts/c-1", "livecart.express-1y")
    await holder.open("/v1/accounts/c-1")
    assert (await holder.get("/v1/accounts/c-1/tickets/HD-1")).status_code == 200
    assert (await holder.get("/v1/offers")).status_code == 200


async def test_an_account_that_a_body_names_does_not_exist_for_it_either(
    api: Api, keys: Keys
) -> None:
    holder = api.holding(keys.bound)
    for other in ("c-2", "c-3"):
        body = {"to_account_id": other, "reason": "Entered twice", "actor": "m.ozols"}
        reply = await holder.post("/v1/accounts/c-1/move?dry_run=true", body)
        assert (reply.status_code, reply.json()["code"]) == (404, "account_unknown")
        assert reply.json()["detail"] == "There is no such account."


async def test_another_accounts_ticket(api: Api, keys: Keys) -> None:
    await api.buy("/v1/accounts/c-2", "livecart.express-1y")
    await api.open("/v1/accounts/c-2")
    for client in (api, api.holding(keys.bound)):
        reply = await client.get("/v1/accounts/c-1/tickets/HD-1")
        assert (reply.status_code, reply.json()["code"]) == (404, "ticket_unknown")
    bound = api.holding(keys.bound)
    assert (await bound.get("/v1/accounts/c-2/tickets/HD-1")).json()["code"] == "account_unknown"


async def test_a_revoked_key_ends_at_once_here_and_within_a_second_elsewhere(
    app: FastAPI, api: Api, clock: Clock
) -> None:
    made = (await api.post("/v1/api-keys", {"name": "shop", "role": "viewer"})).json()
    viewer = api.holding(made["secret"])
    assert (await viewer.get("/v1/queue")).status_code == 200
    elsewhere = KeyRing()
    async with app.state.database.transaction() as db:
        await elsewhere.find_caller(db, digest_of(made["secret"]))
    await api.delete(f"/v1/api-keys/{made['id']}")
    assert (await viewer.get("/v1/queue")).status_code == 401
    app.state.keyring, here = elsewhere, app.state.keyring
    assert (await viewer.get("/v1/queue")).status_code == 200
    clock.advance(seconds=1)
    assert (await viewer.get("/v1/queue")).status_code == 401
    app.state.keyring = here


async def test_an_expired_key_ends_at_its_instant(api: Api, clock: Clock) -> None:
    ends: datetime = clock.now + timedelta(milliseconds=500)
    order = {"name": "shop", "role": "viewer", "expires_at": ends.isoformat()}
    viewer = api.holding((await api.post("/v1/api-keys", order)).json()["secret"])
    assert (await viewer.get("/v1/queue")).status_code == 200
    clock.move_to(ends)
    assert (await viewer.get("/v1/queue")).status_code == 401


@pytest.fixture
async def no_admin_key(app: FastAPI) -> AsyncIterator[None]:
    """Run as if SURETY_ADMIN_KEY were not set."""
    app.state.keyring, kept = KeyRing(), app.state.keyring
    yield
    app.state.keyring = kept


@pytest.mark.usefixtures("no_admin_key")
async def test_without_an_admin_key_set_none_is_one(api: Api) -> None:
    assert (await api.get("/v1/queue")).status_code == 401
