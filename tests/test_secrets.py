"""Nothing that looks like a secret somebody could use is in any file, or in any commit."""

import secrets
import subprocess
from pathlib import Path

import pytest

from app.services.access.keys import SECRET_PREFIX
from tests.support.secrets import find_leaks

ROOT = Path(__file__).parent.parent


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


def test_no_commit_ever_had_a_leak() -> None:
    """What was removed later is still there for whoever has the history."""
    shown = ("log", "--all", "--patch", "--no-color", "--text", "--format=%H%n%B")
    history = subprocess.run(["git", *shown], cwd=ROOT, capture_output=True, check=True).stdout
    assert history.count(b"\n+") > 1_000
    assert find_leaks(history) == []


@pytest.mark.parametrize(
    "leak",
    [
        f"curl -H 'Authorization: Bearer {SECRET_PREFIX}{secrets.token_urlsafe(32)}'",
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "-----BEGIN " + "PRIVATE KEY-----",
        "gh" + "p_" + "a1" * 18,
        "github" + "_pat_" + "a1" * 25,
        "xox" + "b-1234567890-abc",
        "sk" + "_live_" + "a1" * 12,
        "AI" + "za" + "a" * 35,
        "ey" + "JhbGciOiJIUzI1NiJ9." + "ey" + "JzdWIiOiIxMjM0In0." + "a" * 30,
        "wh" + "sec_" + "a" * 32,
    ],
    ids=[
        *("a key", "an RSA key", "another private key", "GitHub's", "GitHub's newer", "Slack's"),
        *("Stripe's", "Google's", "a JWT", "a webhook's"),
    ],
)
def test_a_leak_is_found(leak: str) -> None:
    assert find_leaks(leak.encode())


def test_a_key_in_the_documentation_is_none() -> None:
    assert not find_leaks("surety_sk_… surety_sk_unknown surety_sk_YOUR_KEY".encode())
