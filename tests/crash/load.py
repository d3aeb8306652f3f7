"""A helpdesk that writes without a pause, and sends again whatever was not answered."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from tests.crash.service import ADMIN_KEY, Service

_PAUSE_SECONDS = 0.25
_PATIENCE = 480  # of such pauses: two minutes


class Writer:
    """One connection that tells one story after the other until it is told to stop."""

    def __init__(self, service: Service, account_id: str, name: str) -> None:
        self.service = service
        self.path = f"/v1/accounts/{account_id}"
        self.name = name
        self.told = 0
        self.sent_again = 0
        self._on_answer: Callable[[], None] = lambda: None

    async def run_stories(self, stop: asyncio.Event, on_answer: Callable[[], None]) -> None:
        """Tell stories until stopped, and the last one to its end."""
        self._on_answer = on_answer
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        async with httpx.AsyncClient(headers=headers, timeout=20) as http:
            while not stop.is_set():
                await self._tell(http, f"{self.name}-{self.told}")
                self.told += 1

    async def _tell(self, http: httpx.AsyncClient, name: str) -> None:
        why = {"reason": "Load", "actor": "Maria"}
        grant = {"reference": f"G-{name}", "catalog": "xcart-points", "unit": "point"} | why
        await self._send(http, "grants", grant | {"amount": 5})
        opening = {"subject": "Load", "catalog": "xcart-points", "category": "other", "amount": 3}
        await self._send(http, "tickets", opening | {"ticket_id": f"HD-{name}"})
        ticket = f"tickets/HD-{name}"
        revision = {"amount": 4, "reason": "it grows", "reference": f"R-{name}"}
        await self._send(http, f"{ticket}/charge/revision", revision)
        await self._send(http, f"{ticket}/resolution", {"outcome": "solved"}, key=f"K-{name}")
        refunded = await self._send(http, f"{ticket}/refund", why | {"amount": 1}, key=f"F-{name}")
        charge = refunded["charge"]
        assert (charge["status"], charge["held"], charge["used"]) == ("partly_refunded", 0, 3)

    async def _send(
        self, http: httpx.AsyncClient, path: str, body: dict[str, Any], *, key: str | None = None
    ) -> dict[str, Any]:
        """Send it until it is answered: with the same ids, and the same key where it has one."""
        headers = {} if key is None else {"Idempotency-Key": key}
        for _ in range(_PATIENCE):
            try:
                url = f"{self.service.url}{self.path}/{path}"
                reply = await http.post(url, json=body, headers=headers)
            except httpx.TransportError:
                reply = None
            if reply is not None and reply.status_code in (200, 201):
                self._on_answer()
                shown: dict[str, Any] = reply.json()
                return shown
            assert reply is None or reply.json().get("retryable"), reply.text
            self.sent_again += 1
            await asyncio.sleep(_PAUSE_SECONDS)
        raise AssertionError(f"{path} was not answered in time")


async def read_points(service: Service, account_id: str) -> dict[str, int]:
    """Read the account's totals of points."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with httpx.AsyncClient(headers=headers, timeout=20) as http:
        reply = await http.get(f"{service.url}/v1/accounts/{account_id}/balance")
        units: dict[str, int] = reply.json()["units"]["point"]
        return units


async def read_events(service: Service, account_id: str, after: int) -> list[dict[str, Any]]:
    """Read all events of the account that come after a sequence."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    found: list[dict[str, Any]] = []
    async with httpx.AsyncClient(headers=headers, timeout=20) as http:
        while True:
            begin = after + len(found)
            asked: dict[str, Any] = {"account_id": account_id, "after": begin, "limit": 200}
            reply = await http.get(f"{service.url}/v1/events", params=asked)
            found += reply.json()["data"]
            if reply.json()["next_cursor"] is None:
                return found


async def make_account(service: Service, account_id: str) -> None:
    """Put an account."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with httpx.AsyncClient(headers=headers, timeout=20) as http:
        url = f"{service.url}/v1/accounts/{account_id}"
        reply = await http.put(url, json={"name": "Nordwind Handel GmbH"})
        assert reply.status_code == 201, reply.text
