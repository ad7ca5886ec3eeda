# The commands of every day. `make demo` and `make test` set up all they need on a machine with Python 3.11 and make.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
CONFIG ?= config
TESTS ?= tests
WORKERS ?= 2

PREFIX ?= /opt/media-monitor
SYSCONFDIR ?= /etc/monitor
UNITDIR ?= /etc/systemd/system
DESTDIR ?=

.PHONY: help demo test lint format bench prove run audit install uninstall lock clean

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

prove: .venv/.dev  ## the long proofs, bounded (FULL=--full for the whole figures)
	$(BIN)/python -m pytest -m prove -p no:randomly --override-ini addopts="-q -rA" tests/prove $(FULL)

# --- as a service: docs/operations.md --------------------------------------------------------------------------------

install:  ## as root: program, units and, where there is none, an example configuration (DESTDIR= PREFIX= UNITDIR=)
	@case "$$(realpath $(PYTHON))" in /root/*|/home/*) \
	  echo "$$(realpath $(PYTHON)) lies in a home, which the service cannot see; name another one: make install PYTHON=/usr/bin/python3.11"; exit 1;; esac
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "media-monitor needs Python 3.11 or newer"; exit 1; }
	@if [ -n "$$(ls -A '$(DESTDIR)$(PREFIX)' 2>/dev/null)" ] && [ ! -e '$(DESTDIR)$(PREFIX)/pyvenv.cfg' ]; then \
	  echo "$(DESTDIR)$(PREFIX) holds other things: PREFIX= names a folder of its own, which uninstall takes away whole"; exit 1; fi
	$(PYTHON) -m venv $(DESTDIR)$(PREFIX)
	$(DESTDIR)$(PREFIX)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(DESTDIR)$(PREFIX)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
ifneq ($(DESTDIR),)
	@# what was made under DESTDIR names itself by the place where it will be
	grep -rlI --exclude-dir=lib '$(DESTDIR)' $(DESTDIR)$(PREFIX) | xargs -r sed -i 's|$(DESTDIR)||g'
	rm -f $(DESTDIR)$(PREFIX)/lib/python3*/site-packages/media_monitor-*.dist-info/direct_url.json
endif
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSCONFDIR) $(DESTDIR)$(PREFIX)/share
	for unit in systemd/*.service systemd/*.timer; do \
	  sed 's|/opt/media-monitor|$(PREFIX)|g; s|-c /etc/monitor$$|-c $(SYSCONFDIR)|; s|=/etc/monitor/|=$(SYSCONFDIR)/|' $$unit \
	    > $(DESTDIR)$(UNITDIR)/$${unit##*/}; \
	  chmod 644 $(DESTDIR)$(UNITDIR)/$${unit##*/}; done
	rm -rf $(DESTDIR)$(PREFIX)/share/example && cp -r config $(DESTDIR)$(PREFIX)/share/example
	sed -i 's|sqlite:///var/|sqlite:////var/lib/monitor/|' $(DESTDIR)$(PREFIX)/share/example/monitor.yaml
	sed -i 's|file: var/alerts|file: /var/lib/monitor/alerts|' $(DESTDIR)$(PREFIX)/share/example/recipients.yaml
	if [ -e $(DESTDIR)$(SYSCONFDIR)/monitor.yaml ]; then echo "$(SYSCONFDIR) is left as it is; the example lies in $(PREFIX)/share/example"; \
	else cp -r $(DESTDIR)$(PREFIX)/share/example/. $(DESTDIR)$(SYSCONFDIR)/ && chmod -R u=rwX,go=rX $(DESTDIR)$(SYSCONFDIR); fi
	if [ -z '$(DESTDIR)' ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
	@echo "next: $(PREFIX)/bin/monitor check -c $(SYSCONFDIR), then systemctl enable --now media-monitor media-monitor-backup.timer"

uninstall:  ## as root: take away program and units; configuration and data stay
	@if [ -e '$(DESTDIR)$(PREFIX)' ] && ! [ -e '$(DESTDIR)$(PREFIX)/pyvenv.cfg' -a -e '$(DESTDIR)$(PREFIX)/bin/monitor' ]; then \
	  echo "$(DESTDIR)$(PREFIX) is not what install made: nothing is taken away"; exit 1; fi
	if [ -z '$(DESTDIR)' ] && [ -d /run/systemd/system ] && [ -e $(UNITDIR)/media-monitor.service ]; then \
	  systemctl disable --now media-monitor media-monitor-backup.timer; fi
	rm -rf $(DESTDIR)$(PREFIX)
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(notdir $(wildcard systemd/*.service systemd/*.timer)))
	@echo "left: $(SYSCONFDIR) (configuration), /var/lib/private/monitor (database, backups), /etc/monitor-secrets"

# --- what it stands on -----------------------------------------------------------------------------------------------

audit:  ## known weaknesses of the locked packages (needs pip-audit and the network; says so where it skips)
	@command -v pip-audit >/dev/null || { echo "skipped: pip-audit is not installed (pipx install pip-audit)"; exit 0; }; \
	said=$$(pip-audit --requirement requirements.lock --require-hashes --disable-pip --progress-spinner off 2>&1); code=$$?; echo "$$said"; \
	missed=$$(grep -c 'could not be audited' <<< "$$said"); \
	if [ $$missed != 0 ]; then echo "skipped: $$missed packages are unknown to the index that pip-audit asked, and were not looked at"; fi; \
	if [ $$code != 0 ] && grep -qE 'ConnectionError|ConnectTimeout|Max retries|NameResolution|ProxyError' <<< "$$said"; then \
	  echo "skipped: the database of weaknesses cannot be reached from here"; exit 0; fi; exit $$code

lock:  ## renew both locks (needs uv)
	uv pip compile pyproject.toml --extra vectors --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra vectors --extra dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-dev.lock

clean:  ## remove what make made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
