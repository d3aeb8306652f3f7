"""A client in a thread of its own that writes without a pause, and keeps what it was answered."""

import threading
import time
from dataclasses import dataclass

import httpx

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request was answered, and when, by the monotonic clock."""

    reference: str
    status: int
    began_at: float
    ended_at: float

    @property
    def took_s(self) -> float:
        return self.ended_at - self.began_at


class Writer(threading.Thread):
    """Grants one point after the other to an account of its own; nothing is sent twice."""

    def __init__(self, url: str, key: str, account_id: str) -> None:
        super().__init__(name=account_id, daemon=True)
        self.answers: list[Answer] = []
        self._path = f"/v1/accounts/{account_id}"
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
        self._ended = threading.Event()
        self._answered = threading.Condition()
        self._http.put(self._path, json={"name": "Nordwind"}).raise_for_status()

    @property
    def acknowledged(self) -> list[str]:
        return [each.reference for each in self.answers if each.status == 201]

    def run(self) -> None:
        while not self._ended.is_set():
            reference = f"r-{len(self.answers)}"
            began_at = time.monotonic()
            status = self._grant(reference)
            with self._answered:
                self.answers.append(Answer(reference, status, began_at, time.monotonic()))
                self._answered.notify_all()
            if status == 503:
                self._ended.wait(0.05)  # as a client does that is told to come again

    def wait_for_answers(self, count: int) -> None:
        """Wait until so many requests were answered."""
        with self._answered:
            assert self._answered.wait_for(lambda: len(self.answers) >= count, _PATIENCE_S)

    def wait_for_success(self, *, since: float, within_s: float) -> None:
        """Wait for a write that was acknowledged within so long of an instant."""

        def succeeded() -> bool:
            return any(each.status == 201 and each.ended_at > since for each in self.answers)

        with self._answered:
            left_s = since + within_s - time.monotonic()
            assert self._answered.wait_for(succeeded, left_s), self.answers[-1]

    def stop(self) -> None:
        """End the writing, after the request under way."""
        self._ended.set()
        self.join(_PATIENCE_S)
        assert not self.is_alive()

    def find_lost(self) -> list[str]:
        """Send again what was acknowledged; those that were done only now had been lost."""
        return [each for each in self.acknowledged if self._grant(each) != 200]

    def close(self) -> None:
        """Stop, however far it went, and close its connection."""
        self._ended.set()
        if self.ident is not None:
            self.join(_PATIENCE_S)
        self._http.close()

    def _grant(self, reference: str) -> int:
        body = {
            "reference": reference,
            "catalog": "xcart-points",
            "unit": "point",
            "amount": 1,
            "reason": "Load",
            "actor": "m.ozols",
        }
        return self._http.post(f"{self._path}/grants", json=body).status_code
