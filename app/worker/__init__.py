"""Runs: jobs by their names, in `pgqueuer`, beside whatever answers requests.

Nothing's correctness waits for a job (DESIGN law 9): they tidy up and tell people.
"""
