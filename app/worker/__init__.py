"""Runs: jobs by their names, in `pgqueuer`, beside whatever answers requests.

Nothing's correctness waits for a job (docs/laws.md, law 9): they tidy up and notify people.
"""
