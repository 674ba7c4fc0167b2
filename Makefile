# Every target sets up what is missing first; `make help` lists them.
PYTHON := .venv/bin/python
WORKERS ?= 2
PYTEST = $(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Empty is off: else each worker and each service that a test starts compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=
.DEFAULT_GOAL := help
.PHONY: help setup browser fmt check test rest audit sbom scan demo screens bench bench-ingest bench-science faults fuzz up down status reset clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## bring what is missing: system packages (root on Debian), Python packages, Kafka
	@command -v python3 >/dev/null || { echo "python3 is missing: install Python 3.11 and type this again."; exit 1; }
	@python3 -m tools.setup

fmt: setup ## format the code
	@$(PYTHON) -m ruff format -q .
	@$(PYTHON) -m ruff check -q --fix .

check: setup ## format, lint, types, import contracts, quick unit tests, known vulnerabilities
	@$(PYTHON) -m ruff format --check -q .
	@$(PYTHON) -m ruff check -q .
	@.venv/bin/lint-imports >.venv/lint-imports.log 2>&1 & walls=$$!; \
	  $(PYTHON) -m mypy --no-error-summary; types=$$?; \
	  wait $$walls || { cat .venv/lint-imports.log; exit 1; }; exit $$types
	@$(PYTEST) -q -m "not servers and not slow"
	@$(PYTHON) -m tools.supply.audit --kept

browser: setup
	@python3 -m tools.setup.browser

test: browser ## every test, on real servers; WORKERS=4: each of four processes has its own servers
	@$(PYTEST)

rest: browser ## the tests that `make check` leaves out: on real servers, and slow ones
	@$(PYTEST) tests -m "servers or slow"

audit: setup ## ask anew for known vulnerabilities in requirements.lock
	@$(PYTHON) -m tools.supply.audit

sbom: setup ## write what is in the environment and in the image to build/, as CycloneDX JSON
	@$(PYTHON) -m tools.supply.sbom

scan: setup ## look into the built image for what must not be there: IMAGE=image.tar, or asks Docker
	@$(PYTHON) -m tools.supply.image $(IMAGE)

demo: setup ## a fleet of cameras lives through 90 days: CUSTOMERS=1000 DAYS=90 SEED=1 KEEP=1
	@./playcaller demo $(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(DAYS),--days $(DAYS)) $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep)

screens: browser ## pictures of every page of the running demo, into docs/screens: after make demo KEEP=1
	@$(PYTHON) -m tools.pictures

bench: setup ## how fast a fault becomes a ticket under load, and pages come over 100,000 customers
	@$(PYTHON) -m tools.bench

bench-ingest: setup ## processor time of ingest for 50,000 and 100,000 messages
	@$(PYTHON) tests/ingest/bench.py

bench-science: setup ## how right the drop detector is on simulated fleets, as a table
	@$(PYTHON) -m tests.analytics.bench_science

faults: setup ## trials: every fault we know on a running system, nothing lost or twice: ROWS="9 N14"
	@$(PYTHON) -m tools.faults $(ROWS)

fuzz: setup ## strange input at the real doors for ten minutes, the ledger compared: MINUTES=10 SEED=1
	@$(PYTHON) -m tools.fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

up: setup ## start everything in the background, for work
	@./playcaller up

down: setup ## stop what `make up` started
	@./playcaller down

status: setup ## is everything healthy?
	@./playcaller status

reset: setup ## stop, and delete the data of `make up` (asks first)
	@./playcaller reset

clean: ## delete caches and the virtual environment; data stays
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
