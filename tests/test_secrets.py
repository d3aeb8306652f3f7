"""No committed file has anything that looks like a secret somebody could use."""

import re
import secrets
import subprocess
from pathlib import Path

import pytest

from app.services.keys import SECRET_PREFIX

ROOT = Path(__file__).parent.parent
# The service's own secrets have 43 characters after their prefix; half of one is a leak too.
LEAKS = (
    re.compile(rb"surety_sk_[A-Za-z0-9_-]{20,}"),
    re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{36}"),
    re.compile(rb"\bwhsec_[A-Za-z0-9+/]{24,}"),
)


def find_leaks(content: bytes) -> list[str]:
    return [found[0].decode() for leak in LEAKS for found in leak.finditer(content)]


def test_no_committed_file_looks_like_a_leak() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    assert len(files) > 100
    leaks = {
        str(file.relative_to(ROOT)): found
        for file in files
        if file.is_file() and (found := find_leaks(file.read_bytes()))
    }
    assert leaks == {}


@pytest.mark.parametrize(
    "leak",
    [
        f"curl -H 'Authorization: Bearer {SECRET_PREFIX}{secrets.token_urlsafe(32)}'",
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "-----BEGIN " + "PRIVATE KEY-----",
    ],
    ids=["a key", "an RSA key", "another private key"],
)
def test_a_leak_is_found(leak: str) -> None:
    assert find_leaks(leak.encode())


def test_a_key_in_the_documentation_is_none() -> None:
    assert not find_leaks("surety_sk_… surety_sk_unknown surety_sk_YOUR_KEY".encode())
