.DEFAULT_GOAL := help
.PHONY: help venv demo test test-long lint types tests docs bench lock clean

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

help:  ## what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: venv java  ## a shop with known faults: injected against found
	@$(BIN)/tieout demo

test: lint types docs tests  ## everything that has to hold before a change goes in

lint: venv  ## style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: venv  ## types
	@$(BIN)/mypy

# Small lakes are planned more than computed, on one core: so two halves of about one length, side by side.
RUNS := tests/cases tests/week tests/compensate tests/demo tests/postgres tests/ingest tests/dedupe tests/dialects \
	tests/fold

tests: venv java
	@said=$$(mktemp); $(BIN)/pytest -q $(RUNS) >$$said 2>&1 & runs=$$!; \
	$(BIN)/pytest -q $(RUNS:%=--ignore=%); others=$$?; \
	wait $$runs; runs=$$?; cat $$said; rm -f $$said; exit $$((others + runs))

test-long: venv java  ## the tests that take minutes: random histories, real servers, crashes
	@$(BIN)/pytest -q -m long

docs: venv  ## the documentation as a site, in build/site
	@said=$$(NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict 2>&1) || { echo "$$said"; exit 1; }
	@echo "The documentation is in build/site/index.html."

bench: venv java  ## figures against peers, for this machine
	@$(BIN)/python -m bench

lock: venv  ## requirements.lock anew, from setup.py
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile setup.py --extra local --extra demo --extra dev --extra docs --universal --python-version 3.11 \
		--generate-hashes --no-header --upgrade --quiet -o requirements.lock
	@echo "requirements.lock is new; run make test."

clean:  ## all that was made here
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis spark-warehouse

# The environment is made once and again only when the lock or the package's own description has changed.
venv: $(STAMP)

$(STAMP): requirements.lock setup.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and not on the path; install python3.11." >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments; install python3-venv." >&2; exit 2; }
	@echo "Installing into $(VENV), once: a download of 770 MB (460 MB of it Spark), 1.8 GB on disk."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: java
java: venv
	@said=$$($(BIN)/python -c 'from jobs.spark.java import java_version; java_version()' 2>&1) || { \
		echo "$$said" | sed -n 's/^jobs\.errors\.ConfigError: //p' >&2; exit 2; }
