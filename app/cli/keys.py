"""`surety keys`: API keys by hand, as when the last admin key is lost."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError
from app.domain.callers import ROLES

if TYPE_CHECKING:
    from app.db.database import Database
    from app.services.keys import KeyView

commands = typer.Typer(help="API keys.", no_args_is_help=True)


@commands.command("create")
def create_key(
    role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "made by hand",
    account: Annotated[str | None, typer.Option(help="Bind it to this account.")] = None,
) -> None:
    """Make a key and print its secret, which is kept nowhere."""
    from app.services import keys

    if role not in ROLES:
        raise CommandError(f"There is no role {role!r}; take one of {', '.join(ROLES)}.")

    async def create(database: "Database") -> "KeyView":
        async with database.transaction() as db:
            return await keys.create_key(
                db, name=name, role=role, scopes=None, account_id=account, expires_at=None
            )

    made = with_database(create)
    typer.echo(f"{made.row['key_id']}  {made.secret}")


@commands.command("list")
def list_keys() -> None:
    """List the keys, the revoked ones too; their secrets are kept nowhere."""
    from app.db import keys
    from app.db.subscriptions import FIRST_ID

    async def read(database: "Database") -> list[str]:
        lines, after = [], FIRST_ID
        async with database.transaction(read_only=True) as db:
            while rows := await keys.list_keys(db, after=after, limit=200):
                after = rows[-1]["key_id"]
                lines += [
                    f"{row['key_id']}  {row['prefix']}…  {row['role'] or ','.join(row['scopes'])}"
                    f"  {'revoked' if row['revoked_at'] else 'valid'}  {row['name']}"
                    for row in rows
                ]
        return lines

    for line in with_database(read):
        typer.echo(line)


@commands.command("revoke")
def revoke_key(key_id: Annotated[UUID, typer.Argument(help="The key's id.")]) -> None:
    """End a key: within a second, no process takes it any more."""
    from app.db import keys

    async def revoke(database: "Database") -> None:
        async with database.transaction() as db:
            await keys.revoke_key(db, key_id, now=db.read_clock())

    with_database(revoke)
    typer.echo(f"{key_id} is revoked")
