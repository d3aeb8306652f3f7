"""Measurements beside what they are compared with, in one run: `make bench`.

Absolute numbers are of one machine at one time; what counts are the ratios within a run. Each
part is a module with `run(rig) -> Part`: `business_time` beside the Python libraries; `growth`
and `queue`, the same thing asked where little and where very much is stored; `operations` beside
floors that decide less or nothing; `hot` accounts; a `cold` process. Every ledger that a part
wrote in is verified afterwards. Figures go to `bench/results/latest.json`, with a picture of the
goals beside it.

No peer for the ledger is among them: no package index that we know has one in Postgres.
"""
