"""`surety demo`: five sellers with a year of customers, in sandbox accounts, through the API."""

import asyncio
import hashlib
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from app.cli.databases import open_dsn, work_on
from app.cli.errors import CommandError
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx

    from app.cli.stories.customers import Call, Customer
    from app.db.engine.database import Database

# An account's metadata once its customer's year is complete.
_DONE = {"demo": "complete"}
_AT_ONCE = 4
# A request that the story's own day refuses is part of the story: units run out, plans end.
_PART_OF_THE_STORY = frozenset({402, 409})


def run_demo() -> None:
    """Fill the sandbox with a year of five sellers' customers; run again, it adds nothing."""
    from app.cli.migrations import migrate

    settings = load_settings()
    with open_dsn(settings) as dsn:
        migrate(dsn)
        complete = asyncio.run(work_on(dsn, settings, _is_complete))
        made = 0 if complete else asyncio.run(_fill(dsn, settings))
    typer.echo(
        f"{made} customers of five sellers have had a year; see /v1/queue?sandbox=true,"
        " /v1/accounts/demo-nordwind/summary and /docs."
        if made
        else "The demo's customers are all there already; nothing was added."
    )


async def _is_complete(database: "Database") -> bool:
    """Say whether every customer's year is there, so that not even a key has to be made."""
    from app.cli.stories.customers import CUSTOMERS
    from app.db.accounts.accounts import AccountUnknown, find_account

    async with database.transaction(read_only=True) as db:
        for customer in CUSTOMERS:
            try:
                account = await find_account(db, customer.account_id)
            except AccountUnknown:
                return False
            if account.metadata != _DONE:
                return False
    return True


async def _fill(dsn: str, settings: Settings) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from app.cli.stories.customers import CUSTOMERS, run_story

    console = Console(stderr=True)
    stories = {each.account_id: list(run_story(each)) for each in CUSTOMERS}
    async with _client(dsn, settings) as client:
        turns = asyncio.Semaphore(_AT_ONCE)
        with Progress(console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task("Telling stories", total=sum(map(len, stories.values())))

            async def run(customer: "Customer") -> bool:
                async with turns:
                    return await _run(
                        client,
                        customer,
                        stories[customer.account_id],
                        lambda steps: progress.advance(bar, steps),
                    )

            return sum(await asyncio.gather(*map(run, CUSTOMERS)))


@asynccontextmanager
async def _client(dsn: str, settings: Settings) -> "AsyncIterator[httpx.AsyncClient]":
    """Give a client of the service, in this process, that holds a key of its own for the while."""
    import httpx
    from pydantic import SecretStr

    from app.db.engine.database import Database
    from app.main import create_app
    from app.services.access import keys
    from app.services.catalog.bootstrap import bootstrap

    database = Database(dsn, pool_size=2, prepared_statements=settings.prepared_statements)
    await database.open()
    await bootstrap(database, make_key=False)
    async with database.transaction() as db:
        made = await keys.create_key(
            db, name="surety demo", role="admin", scopes=None, account_id=None, expires_at=None
        )
    app = create_app(settings.model_copy(update={"database_url": SecretStr(dsn)}))
    try:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app),
                base_url="http://surety",
                headers={"Authorization": f"Bearer {made.secret}"},
            ) as client,
        ):
            yield client
    finally:
        async with database.transaction() as db:
            await keys.revoke_key(db, made.key.key_id)
        await database.close()


async def _run(
    client: "httpx.AsyncClient",
    customer: "Customer",
    story: "list[Call]",
    advance: "Callable[[int], None]",
) -> bool:
    """Play one customer's year; return whether any of it was left. An interrupted one goes on."""
    account = f"/v1/accounts/{customer.account_id}"
    known = await client.get(account)
    if known.status_code == 200 and known.json()["metadata"] == _DONE:
        advance(len(story))
        return False
    put = {"name": customer.name, "email": customer.email, "sandbox": True}
    begun = await client.put(account, json=put)
    _require(begun, account)
    clock = datetime.fromisoformat(begun.json()["created_at"])
    first = (clock + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if customer.quote is not None:
        await _buy_quoted(client, account, customer)
    for number, call in enumerate(story):
        at = first + call.after
        moved = await client.post(
            f"{account}/clock", json={"to": at.isoformat()}, headers=_once(account, number, "clock")
        )
        if moved.status_code != 409:  # it was moved further before this was interrupted
            _require(moved, account)
        if call.path != "clock":
            reply = await client.post(
                f"{account}/{call.path}",
                json=dict(call.body) | _when(call, at),
                headers=_once(account, number, call.path),
            )
            if reply.status_code not in _PART_OF_THE_STORY:
                _require(reply, f"{account}/{call.path}")
        advance(1)
    _require(await client.patch(account, json={"metadata": _DONE}), account)
    return True


async def _buy_quoted(client: "httpx.AsyncClient", account: str, customer: "Customer") -> None:
    quote = await client.post(
        f"{account}/quotes", json=customer.quote, headers=_once(account, 0, "quote")
    )
    _require(quote, f"{account}/quotes")
    for _, order in customer.orders:
        bought = await client.post(
            f"{account}/purchases", json=dict(order) | {"quote_id": quote.json()["quote_id"]}
        )
        _require(bought, f"{account}/purchases")


def _when(call: "Call", at: datetime) -> dict[str, Any]:
    """Return when work began, which its line has to say."""
    if not call.path.endswith("/work"):
        return {}
    return {"at": (at - timedelta(minutes=call.body["minutes"])).isoformat()}


def _once(account: str, number: int, what: str) -> dict[str, str]:
    """Return the header by which a call that was made before is not made again."""
    key = hashlib.sha256(f"{account} {number} {what}".encode()).hexdigest()
    return {"Idempotency-Key": f"demo-{key[:32]}"}


def _require(reply: "httpx.Response", what: str) -> None:
    if reply.status_code >= 400:
        detail = reply.json().get("detail", reply.text)
        raise CommandError(f"the demo stopped at {what}: {reply.status_code} {detail}")
