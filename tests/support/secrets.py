"""Helpers of the tests of secrets, shared with others."""

import re

# The service's own secrets have 43 characters after their prefix; half of one is a leak too.
LEAKS = (
    re.compile(rb"surety_sk_[A-Za-z0-9_-]{20,}"),
    re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(rb"\bgh[pousr]_[A-Za-z0-9]{36}"),
    re.compile(rb"\bgithub_pat_[A-Za-z0-9_]{40,}"),
    re.compile(rb"\bglpat-[A-Za-z0-9_-]{20,}"),
    re.compile(rb"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    re.compile(rb"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    re.compile(rb"\bAIza[A-Za-z0-9_-]{35}"),
    re.compile(rb"\bpypi-AgEI[A-Za-z0-9_-]{40,}"),
    re.compile(rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    re.compile(rb"\bwhsec_[A-Za-z0-9+/]{24,}"),
)

# The example that Standard Webhooks publishes, in its own documentation and tests.
NO_SECRETS = {b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


def find_leaks(content: bytes) -> list[str]:
    found = (match[0] for leak in LEAKS for match in leak.finditer(content))
    return [each.decode() for each in found if each not in NO_SECRETS]
