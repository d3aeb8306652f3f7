"""Helpers of the tests of severity matrix, shared with others."""

# The seller's table: first response and resolution, for severities 1, 2, 3, 4. "Enterprise or
# Gold Support, which guarantee a first response": those are guaranteed. To "meet response and
# resolution times" the team "will make reasonable efforts": resolutions are targets, and what
# Professional has is "on a best-effort basis". What is not offered is None.
MATRIX: dict[str, list[tuple[tuple[str, str | None] | None, tuple[str, str | None] | None]]] = {
    "professional": [
        (None, None),
        (None, None),
        (None, None),
        (("best_effort", "24 hours"), ("best_effort", None)),
    ],
    "enterprise": [
        (("guaranteed", "8 hours"), ("target", "32 hours")),
        (("guaranteed", "16 hours"), ("target", "7 days")),
        (("guaranteed", "24 hours"), ("target", "14 days")),
        (("guaranteed", "24 hours"), ("best_effort", None)),
    ],
    "gold": [
        (("guaranteed", "8 hours"), ("target", "16 hours")),
        (("guaranteed", "8 hours"), ("target", "3 days")),
        (("guaranteed", "8 hours"), ("target", "7 days")),
        (("guaranteed", "24 hours"), ("best_effort", None)),
    ],
}
