"""Long loads on a real server: what it does under too much, and what it keeps in memory.

`make test-soak` runs them. They show figures, for a reader, beside what they assert.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.load import Told, ask_often, prepare
from tests.support.folders import open_folder
from tests.support.serve import Service, serve

pytestmark = pytest.mark.soak

KEY = "an-admin-key-for-long-loads-0123456789"
POOL = 16
REQUESTS = int(os.environ.get("SURETY_TEST_SOAK_REQUESTS", "200000"))


@pytest.fixture
def service() -> Iterator[Service]:
    """Serve on a Postgres of its own, as `make run` does."""
    with (
        open_folder() as folder,
        serve(folder, SURETY_ADMIN_KEY=KEY, SURETY_POOL_SIZE=str(POOL)) as service,
    ):
        yield service
        service.stop()


def read_resident_mb(service: Service) -> float:
    """Return what the process keeps in memory."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def check(told: Told, service: Service) -> None:
    assert told.odd == []
    assert set(told.statuses) <= {200, 201, 503}
    assert service.process.poll() is None


async def test_more_connections_than_the_pool_has(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    await prepare(service.url, KEY)
    first, shown = 0, []
    for times in (1, 10, 40):
        told = await ask_often(
            service.url, KEY, connections=times * POOL, requests=10_000, first=first
        )
        check(told, service)
        first += 10_000
        memory_mb = read_resident_mb(service)
        shown.append((times * POOL, dict(told.statuses), round(memory_mb, 1)))
    with capsys.disabled():
        for connections, statuses, memory_mb in shown:
            print(f"\n{connections} connections: {statuses}, {memory_mb} MB", end="")
    # Up to ten wait for each connection of the pool; who comes after them is refused at once.
    assert 503 not in shown[0][1]
    assert shown[2][1][503] > 0
    assert shown[2][1][200] > 0
    assert shown[2][2] < 2 * shown[0][2]


async def test_memory_after_many_requests_is_that_after_few(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    await prepare(service.url, KEY)
    few = REQUESTS // 10
    check(await ask_often(service.url, KEY, connections=POOL, requests=few, first=0), service)
    after_few_mb = read_resident_mb(service)
    rest = REQUESTS - few
    check(await ask_often(service.url, KEY, connections=POOL, requests=rest, first=few), service)
    after_many_mb = read_resident_mb(service)
    with capsys.disabled():
        print(f"\nafter {few}: {after_few_mb:.1f} MB; after {REQUESTS}: {after_many_mb:.1f} MB")
    assert after_many_mb < 1.1 * after_few_mb
