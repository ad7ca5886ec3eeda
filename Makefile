# The commands of every day. `make demo` and `make test` set up all they need on a machine with Python 3.11 and make.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
CONFIG ?= config
TESTS ?= tests
WORKERS ?= 2

.PHONY: help demo test lint format bench prove run lock clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# --- the environment: made from the hashed locks alone ---------------------------------------------------------------

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "media-monitor needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock | .venv/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

# --- what it is for --------------------------------------------------------------------------------------------------

demo: .venv/.run  ## see the whole work on a small press of its own
	@$(BIN)/python -m monitor demo

run: .venv/.run  ## run the daemon on config/ (CONFIG=... for another)
	$(BIN)/python -m monitor run -c $(CONFIG)

test: .venv/.dev  ## the tests, under five minutes on two cores
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS)

lint: .venv/.dev  ## ruff, format, mypy strict, import contracts, schema drift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev  ## let ruff write the format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev  ## the measurements of docs/benchmarks.md
	$(BIN)/python -m benchmarks

prove: .venv/.dev  ## the long proofs: kill -9, the whole replay, every fault
	$(BIN)/python -m pytest -m prove -p no:randomly --override-ini addopts="-q -rA" tests/prove

lock:  ## renew both locks (needs uv)
	uv pip compile pyproject.toml --extra vectors --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra vectors --extra dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-dev.lock

clean:  ## remove what make made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
