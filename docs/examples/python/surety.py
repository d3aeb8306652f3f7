"""Calls of Surety, and a small server: what the two examples share."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx

KEY = os.environ.get("SURETY_KEY") or sys.exit("Set SURETY_KEY to a key of Surety's.")
client = httpx.Client(
    base_url=os.environ.get("SURETY_URL", "http://localhost:8000"),
    headers={"Authorization": f"Bearer {KEY}"},
    timeout=10,
)


class RefusedError(Exception):
    """Surety refused: the problem (RFC 9457) has a `code` for programs, a `detail` for people."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.problem = problem


def call(method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
    """Call Surety, again where that may help: what has the same id or key happens once."""
    headers = {"Idempotency-Key": key} if key else {}
    for pause in (0.2, 1, 3, None):
        try:
            reply = client.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            if pause is None:
                raise
        else:
            if reply.is_success:
                return reply.json()
            if pause is None or reply.status_code not in (429, 500, 502, 503, 504):
                raise RefusedError(reply.json())
        time.sleep(pause)
    raise AssertionError("unreachable")


def fetch_page(path: str) -> bytes:
    """Return a page that Surety draws; the key stays here, and no browser has it."""
    return client.get(path, headers={"Accept": "text/html"}).raise_for_status().content


@dataclass(frozen=True)
class Answer:
    """What a browser, or whoever calls a webhook, is answered."""

    content: str | bytes = ""
    status: int = 200
    location: str | None = None


Handler = Callable[[str, list[str], bytes, Message], Answer]


def serve(port: int, name: str, handle: Handler) -> None:
    """Serve on localhost; what Surety refuses is shown, and where it is not reached, a 502."""

    class Pages(BaseHTTPRequestHandler):
        """Each request, by its method, the parts of its path, its body and its headers."""

        def do_GET(self) -> None:
            self.reply()

        def do_POST(self) -> None:
            self.reply()

        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.strip("/").split("/")
            try:
                answer = handle(self.command, path, body, self.headers)
            except PermissionError as error:
                answer = Answer(escape(str(error)), 400)
            except RefusedError as refused:
                # A refusal says why, and which plans would cover it.
                offers = refused.problem.get("offers", [])
                helping = "".join(f"<li>{escape(each['name'])}</li>" for each in offers)
                answer = Answer(page(name, f"<p>{escape(str(refused))}</p><ul>{helping}</ul>"), 409)
            except httpx.HTTPError as error:
                said = f"<h1>Please try again.</h1><p>{escape(str(error))}</p>"
                answer = Answer(page(name, said), 502)
            content = answer.content
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if answer.location is not None:
                self.send_header("Location", answer.location)
            self.end_headers()
            self.wfile.write(content if isinstance(content, bytes) else content.encode())

        def log_message(self, *_: object) -> None:
            """Print nothing of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Pages)
    print(f"The {name} is at http://localhost:{port}", flush=True)
    server.serve_forever()


def read_form(body: bytes) -> dict[str, str]:
    """Return what a form was sent with."""
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def page(title: str, content: str, *, beside: str = "", style: str = "") -> str:
    """Return a page: its main part, and what stands beside it."""
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{title.title()}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ color-scheme: light dark }} body {{ font: 1rem/1.5 system-ui; margin: 1rem auto;
max-width: 60rem; padding: 0 1rem }} {style}</style><main>{content}</main>{beside}</html>"""
