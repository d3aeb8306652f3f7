"""`surety keys`: API keys by hand, as when the last admin key is lost."""

from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from app.cli.databases import with_database
from app.cli.errors import CommandError
from app.domain.access.callers import ROLES

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.db.engine.database import Database
    from app.services.access.keys import KeyView

commands = typer.Typer(help="API keys.", no_args_is_help=True)


Read = TypeVar("Read", bound="BaseModel")


@commands.command("create")
def create_key(
    role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}, or `scopes`.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "made by hand",
    account: Annotated[str | None, typer.Option(help="Bind it to this account.")] = None,
    expires: Annotated[str | None, typer.Option(help="Until when: 2027-01-31T00:00:00Z.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="For `scopes`: one, repeated.")] = None,
) -> None:
    """Make a key and print its secret, which is kept nowhere."""
    from app.api.access.keys import KeyOrder
    from app.services.access import keys

    if role not in (*ROLES, "scopes"):
        raise CommandError(f"There is no role {role!r}; take one of {', '.join(ROLES)}.")
    order = _read(
        KeyOrder,
        name=name,
        role=None if role == "scopes" else role,
        scopes=scope or None,
        account_id=account,
        expires_at=expires,
    )

    async def create(database: "Database") -> "KeyView":
        async with database.transaction() as db:
            return await keys.create_key(
                db,
                name=order.name,
                role=order.role,
                scopes=order.scopes,
                account_id=order.account_id,
                expires_at=order.expires_at,
            )

    made = with_database(create)
    typer.echo(f"{made.key.key_id}  {made.secret}")


@commands.command("rotate")
def rotate_key(
    key_id: Annotated[UUID, typer.Argument(help="The key's id.")],
    overlap: Annotated[
        str, typer.Option(help="How long the present secret stays valid: PT0S to P30D.")
    ] = "P1D",
) -> None:
    """Give a key another secret and print it; the present one stays valid for the overlap."""
    from app.api.access.keys import KeyRotation
    from app.domain.promises.durations import parse_duration
    from app.domain.time.instants import write_instant
    from app.services.access import keys

    rotation = _read(KeyRotation, overlap=overlap)

    async def rotate(database: "Database") -> "KeyView":
        async with database.transaction() as db:
            return await keys.rotate_key(db, key_id, overlap=parse_duration(rotation.overlap))

    made = with_database(rotate)
    typer.echo(f"{key_id}  {made.secret}")
    if made.key.previous_ends_at is not None:
        ends = write_instant(made.key.previous_ends_at)
        typer.echo(f"The secret before it is valid until {ends}.", err=True)


@commands.command("list")
def list_keys() -> None:
    """List the keys, the revoked ones too; their secrets are kept nowhere."""
    from app.db.access import keys

    async def read(database: "Database") -> list[str]:
        lines: list[str] = []
        after: list[UUID] | None = None
        async with database.transaction(read_only=True) as db:
            while found := await keys.list_keys(db, after=after, ascending=True, limit=200):
                after = [found[-1].key_id]
                lines += [
                    f"{key.key_id}  {key.prefix}…  {key.role or ','.join(key.scopes)}"
                    f"  {'revoked' if key.revoked_at else 'valid'}  {key.name}"
                    for key in found
                ]
        return lines

    for line in with_database(read):
        typer.echo(line)


@commands.command("revoke")
def revoke_key(key_id: Annotated[UUID, typer.Argument(help="The key's id.")]) -> None:
    """End a key: within a second, no process takes it any more."""
    from app.services.access import keys

    async def revoke(database: "Database") -> None:
        async with database.transaction() as db:
            await keys.revoke_key(db, key_id)

    with_database(revoke)
    typer.echo(f"{key_id} is revoked")


def _read(shape: type[Read], **values: object) -> Read:
    """Return a body as the API takes it; what it would not is a CommandError."""
    from pydantic import ValidationError

    try:
        return shape.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        said = [f"{'/'.join(map(str, each['loc']))}: {each['msg']}" for each in faults]
        raise CommandError("; ".join(said)) from None
