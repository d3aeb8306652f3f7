"""`surety keys`: made, rotated with an overlap, listed and revoked from a terminal."""

import asyncio
import hashlib
import re

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from app.cli.commands import cli

NOBODY = "01938a5e-0000-7000-8000-000000000000"


@pytest.fixture
def _settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_DATABASE_URL", database_url)


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, cli, ["keys", *arguments])


async def make(*arguments: str) -> tuple[str, str]:
    """Make a key; its id and its secret."""
    done = await run("create", *arguments)
    found = re.fullmatch(r"(\S{36})  (surety_sk_\S{43})\n", done.stdout)
    assert found, done.output
    return found[1], found[2]


async def read_row(url: str, key_id: str) -> asyncpg.Record:
    connection = await asyncpg.connect(url)
    row = await connection.fetchrow("SELECT * FROM api_keys WHERE key_id = $1::uuid", key_id)
    await connection.close()
    assert row is not None
    return row


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


@pytest.mark.usefixtures("_settings")
async def test_a_key_with_a_role_or_with_scopes(database_url: str) -> None:
    key_id, secret = await make("storefront", "--name", "shop", "--expires", "2027-01-31T00:00:00Z")
    row = await read_row(database_url, key_id)
    assert (row["role"], row["name"], row["digest"]) == ("storefront", "shop", digest(secret))
    assert row["expires_at"].isoformat() == "2027-01-31T00:00:00+00:00"
    narrow = ("scopes", "--scope", "read", "--scope", "tickets:write", "--account", "c-1")
    row = await read_row(database_url, (await make(*narrow))[0])
    assert (row["role"], row["scopes"]) == (None, ["read", "tickets:write"])
    assert row["bound_account_id"] == "c-1"


@pytest.mark.usefixtures("_settings")
async def test_a_rotated_key_has_two_secrets_until_the_overlap_ends(database_url: str) -> None:
    key_id, first = await make("viewer")
    done = await run("rotate", key_id, "--overlap", "P7D")
    second = done.stdout.split()[1]
    row = await read_row(database_url, key_id)
    assert (row["digest"], row["previous_digest"]) == (digest(second), digest(first))
    assert (row["previous_ends_at"] - row["rotated_at"]).days == 7
    assert re.fullmatch(r"The secret before it is valid until \S+Z\.\n", done.stderr)


@pytest.mark.usefixtures("_settings")
async def test_a_revoked_key_is_listed_as_one_and_not_rotated() -> None:
    key_id, secret = await make("viewer", "--name", "old")
    assert (await run("revoke", key_id)).stdout == f"{key_id} is revoked\n"
    assert (await run("list")).stdout == f"{key_id}  {secret[:14]}…  viewer  revoked  old\n"
    assert str((await run("rotate", key_id)).exception).startswith("The key was revoked")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "boss"), "There is no role 'boss'; take one of "),
        (("create", "scopes"), "Give a role, or scopes."),
        (("create", "scopes", "--scope", "everything"), "scopes/0: Input should be 'catalogs:"),
        (("create", "viewer", "--expires", "tomorrow"), "expires_at: "),
        (("create", "viewer", "--account", "a b"), "account_id: "),
        (("rotate", NOBODY, "--overlap", "P31D"), "overlap: Value error, an overlap is 0 to 30"),
        (("rotate", NOBODY), f"There is no key {NOBODY}."),
        (("revoke", NOBODY), f"There is no key {NOBODY}."),
    ],
)
@pytest.mark.usefixtures("_settings")
async def test_what_cannot_be_done_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = await run(*arguments)
    assert done.exit_code == 1
    assert str(done.exception).startswith(said)
    assert done.stdout == ""
