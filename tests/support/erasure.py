"""Helpers of the tests of erasure, shared with others."""

import asyncpg

from app.db.accounts.kept_replies import unpack_reply

ASKED = {"reason": "Asked by the person", "actor": "m.ozols"}

WORDS = ("Erika", "erika", "Musterweg", "Prices of", "Where are")


async def dump_words(url: str) -> set[str]:
    """Search every column of every table for the person's words; the tables that have any."""
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        found = set()
        for (name,) in names:
            rows = await connection.fetch(f'SELECT * FROM "{name}"')  # noqa: S608  our own tables' names
            said = b" ".join(
                unpack_reply(value) if isinstance(value, bytes) else str(value).encode()
                for row in rows
                for value in row.values()
            )
            found |= {name for word in WORDS if word.encode() in said}
        return found
    finally:
        await connection.close()
