# Asterism. `make` lists what it can do. It needs Python 3.11 or newer and pip, and nothing else.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check bench chaos soak pictures kill-rounds lock clean

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
WORKERS ?= 2

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(RUN_STAMP) ## Set up what is missing, start everything, print the link to open
	@exec $(BIN)/asterism run

test: $(DEV_STAMP) browser ## Run all tests; ARGS="-k name" passes options to pytest
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup --max-worker-restart=0 $(ARGS)  # a crash ends the run; else it hangs

check: $(DEV_STAMP) ## Lint, format, types, import rules, lock files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pip check
	@$(BIN)/python .ci/locks.py

bench: $(DEV_STAMP) ## Measure against the budgets
	@$(BIN)/python -m tests.benchmarks

chaos: $(DEV_STAMP) ## Break everything that can break, on both databases, and write docs/reliability.md
	@$(BIN)/python -m tests.chaos --workers $${CHAOS_WORKERS:-4} --rounds $${ROUNDS:-1}

soak: $(DEV_STAMP) ## Break things at random; SEED=7 replays, MINUTES=30, DATABASE=sqlite or postgresql
	@$(BIN)/python -m tests.chaos soak $(if $(SEED),--seed $(SEED)) --minutes $${MINUTES:-30} --database $${DATABASE:-sqlite}

pictures: $(DEV_STAMP) ## Photograph the pages, light and dark, wide and narrow, into build/pictures
	@$(BIN)/python -m tests.e2e.pictures

kill-rounds: $(DEV_STAMP) ## Kill -9 each process and the whole 50 times; every next start must work
	@ASTERISM_TEST_KILL_ROUNDS=$${ROUNDS:-50} $(BIN)/pytest tests/e2e/test_supervisor_kills.py -s $(ARGS)

lock: $(DEV_STAMP) ## Resolve the dependencies anew and pin them with hashes
	@$(BIN)/python .ci/locks.py --write

clean: ## Remove the virtual environment and caches; the data folder stays
	@rm -rf $(VENV) .web .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build ./*.egg-info

$(BIN)/python:
	@for candidate in python3.13 python3.12 python3.11 python3 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	    "$$candidate" -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "Python's venv module does not work here: install it (Debian: apt-get install python3-venv) and run make again." >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "Asterism needs Python 3.11, 3.12 or 3.13, and none is on PATH: install one and run make again." >&2; \
	exit 1

$(RUN_STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the packages that Asterism needs; this happens once and takes about a minute." >&2
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	@echo "Installing the packages that tests and checks need." >&2
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: browser
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests." >&2; \
	  apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0; \
	fi; \
	if [ "$${CI:-}" = true ]; then echo "There is no Chromium, and CI must run the browser tests." >&2; exit 1; fi; \
	echo "There is no Chromium: tests that need a browser are skipped." >&2
