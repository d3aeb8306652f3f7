"""What a database holds, to be compared before and after something that must keep nothing."""

import asyncpg


async def read_contents(url: str) -> dict[str, str]:
    """Return a digest of every table's rows, by its name."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
            # Not the parts of tables that a node of a cluster has.
            r" AND tablename !~ '_\d{6}$' ORDER BY 1"
        )
        return {
            table: await connection.fetchval(
                f"SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|'"  # noqa: S608
                f" ORDER BY t::text), '')) FROM {table} t"
            )
            for (table,) in tables
        }
    finally:
        await connection.close()
