# Python 3.11 or later, pip and make are all that this needs; everything else is fetched into
# .venv and checked against the lock's hashes.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run demo test test-long test-crash test-soak test-cluster test-wire test-locked test-attack test-mutants test-campaigns lint openapi bench bench-compare profile test-fuzz test-pages lock dist audit clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' Makefile

run: ## serve Surety on its own Postgres in ./data; SURETY_* settings are passed on
	@.ci/install "$(PYTHON)" requirements-run.lock
	@exec $(BIN)/surety serve

demo: ## fill sandbox accounts with a year of five sellers' customers; again, it adds nothing
	@.ci/install "$(PYTHON)" requirements-run.lock
	@$(BIN)/surety demo

test: ## run every test but those that need a browser, two at a time; ARGS="-k name" narrows
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@$(BIN)/pytest -n 2 $(ARGS)

test-long: ## show the laws over thousands of random histories: the ledger's, sales', lists' (half an hour)
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@HYPOTHESIS_PROFILE=long $(BIN)/pytest tests/ledger/test_laws.py tests/api/test_selling_laws.py \
	tests/api/test_summary_laws.py tests/api/test_queue_laws.py $(ARGS)

test-crash: ## kill the service and its Postgres under load, 200 times; CRASH_ROUNDS=20 for fewer
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@CRASH_ROUNDS=$${CRASH_ROUNDS:-200} $(BIN)/pytest tests/crash $(ARGS)

test-wire: ## cut the wires to the database and to the client at every step, then at random for SECONDS=60
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@SURETY_TEST_WIRE_SECONDS=$(or $(SECONDS),60) $(BIN)/pytest -s tests/wire $(ARGS)

test-locked: ## run laws, races, crashes, wires and fuzz where every write locks its account first
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@SURETY_TEST_LOCKED=1 $(BIN)/pytest tests/ledger tests/crash tests/wire tests/fuzz tests/api/test_retries.py $(ARGS)

test-attack: ## attack a few accounts over 16 connections for SECONDS=600, a week passing a second
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@SURETY_TEST_ATTACK_SECONDS=$(or $(SECONDS),600) $(BIN)/pytest -s tests/attack $(ARGS)

test-mutants: ## change the domain at random and see which changes no test finds; COUNT=200 or SECONDS=900
	@.ci/install "$(PYTHON)" requirements-mutants.lock
	@MUTANTS_SECONDS=$(SECONDS) MUTANTS_COUNT=$(COUNT) MUTANTS_SEED=$(SEED) nice -n 15 $(BIN)/python -m tests.mutation

test-campaigns: ## kill workers 100 times, upgrade under load, read 100,000 events, ask of 200,000 tickets; SIZE=0.1 for fewer
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@SURETY_TEST_CAMPAIGN=$(or $(SIZE),1) $(BIN)/pytest -m soak tests/soak/test_campaigns.py $(ARGS)

test-soak: ## load a server for minutes, stop its Postgres for 20 seconds, watch its memory
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@SURETY_TEST_OUTAGE_SECONDS=20 $(BIN)/pytest -m "not pages" tests/soak tests/test_outage.py $(ARGS)

test-cluster: ## run what a cluster has to hold on SURETY_TEST_CITUS=6431,6432,6433
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@if [ -z "$$SURETY_TEST_CITUS" ]; then echo "skipped: SURETY_TEST_CITUS names no nodes"; else \
	$(BIN)/pytest -m "not pages" tests/distributed tests/test_distribute.py tests/test_readme.py tests/test_demo.py tests/api tests/ledger tests/webhooks tests/replay tests/crash $(ARGS); fi

lint: ## check style, types and floors
	@.ci/install "$(PYTHON)" requirements-dev.lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

openapi: ## write openapi/ from the code
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@$(BIN)/surety openapi write

.PHONY: examples
examples: ## record what the document's story is answered, after a reply has changed
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@SURETY_TEST_WRITE_EXAMPLES=1 $(BIN)/pytest tests/api/test_openapi_story.py -k twice
	@$(BIN)/surety openapi write

bench-compare: ## two results side by side: A=before.json B=bench/results/latest.json
	@.ci/install "$(PYTHON)" requirements-bench.lock
	@$(BIN)/python -m bench.comparing $(A) $(or $(B),bench/results/latest.json)

bench: ## measure beside what it is compared with; ARGS="growth --entries 50000"
	@.ci/install "$(PYTHON)" requirements-bench.lock
	@command -v wrk >/dev/null || (apt-get update && apt-get install -y wrk) >/dev/null 2>&1 || true
	@$(BIN)/python -m bench $(ARGS)

profile: ## show where an operation's time goes; ARGS="get_balance"
	@.ci/install "$(PYTHON)" requirements-bench.lock
	@$(BIN)/python -m bench.profiling $(ARGS)

test-fuzz: ## send the service hostile requests for 10 minutes; SECONDS=60, N=500 of each kind
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@SURETY_TEST_FUZZ_SECONDS=$(or $(SECONDS),600) $(if $(N),SURETY_TEST_FUZZ=$(N)) $(BIN)/pytest tests/fuzz $(ARGS)

test-pages: ## show the pages and the guides' examples in Chromium, taken from Debian where it may be
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@command -v chromium >/dev/null || { apt-get update && apt-get install -y chromium; }
	@$(BIN)/pytest -m pages tests/pages $(ARGS)

.PHONY: test-clients lint-api
test-clients: ## tell the README's story by five generated clients, where node and Java are
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@.ci/clients "$(PYTHON)" || { [ $$? = 3 ] && exit 0; exit 1; }; \
	[ ! -f .cache/clients/installed ] || $(BIN)/pytest -m clients tests/clients $(ARGS)

lint-api: ## check the document by Redocly and Spectral, where node is
	@.ci/clients "$(PYTHON)" || { [ $$? = 3 ] && exit 0; exit 1; }; \
	[ ! -f .cache/clients/installed ] || .ci/lint-api

lock: ## pin every dependency again, with hashes; UPGRADE=1 takes newer versions
	@.ci/lock "$(PYTHON)" $(if $(UPGRADE),--upgrade)

dist: ## build the wheel into dist/, from what is pinned
	@.ci/install "$(PYTHON)" requirements-dev.lock
	@rm -rf build && mkdir -p dist
	@$(BIN)/python -W ignore -c "from setuptools.build_meta import build_wheel as b; print('dist/' + b('dist'))" | tail -1

audit: ## ask whether any pinned version is known to be vulnerable (needs its advisory service)
	@.ci/audit "$(PYTHON)"

clean: ## remove what was made here, but not ./data
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf build dist *.egg-info bench/results
	find app bench migrations tests -name __pycache__ -prune -exec rm -rf {} +
