# Every target sets up what it needs on a machine with Python 3.11 or newer and make. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Exactly what the lock file names, as ready-made wheels: nothing is compiled, nothing else is let in.
INSTALL := $(PIP) install --require-hashes --only-binary :all: --requirement
# The first Python here that is new enough; or choose one: make PYTHON=/path/to/python
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $(name))))

# Test processes, and more words for pytest: make test JOBS=8 TESTS="-k receipt". More than there are cores, because
# much of the time a test waits for processes of its own.
JOBS ?= 4
TESTS ?=

CATALOGS := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test assurance lint audit sbom bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.runtime $(CATALOGS) ## Run everything on this machine (PORT, INSTAMEMES_HOME)
	@$(BIN)/instamemes up

demo: $(VENV)/.runtime $(CATALOGS) ## The same, with invented entries in every state
	@$(BIN)/instamemes up --demo

test: lint $(CATALOGS) ## Run all checks and tests (JOBS, TESTS)
	@CHROMIUM="$$($(BIN)/python -m tests.tools chromium)" && \
	EXIFTOOL="$$($(BIN)/python -m tests.tools exiftool)" && \
	NGINX="$$($(BIN)/python -m tests.tools nginx)" && \
	export CHROMIUM EXIFTOOL NGINX && \
	$(BIN)/python -m pytest --numprocesses $(JOBS) $(TESTS)

assurance: ## The same with far more rounds, on every width of the screen, and docs/assurance.md (up to an hour)
	@rm -rf .assurance
	@INSTAMEMES_FIGURES=$(CURDIR)/.assurance $(MAKE) test TESTS="--thorough $(TESTS)"
	@$(BIN)/python -m tests.assurance .assurance

lint: $(VENV)/.dev ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/bandit --quiet --severity-level high --recursive memes moderation workers wsgi.py

audit: $(VENV)/.dev ## Ask whether holes are known in what we use (needs a network)
	@$(BIN)/bandit --quiet --severity-level high --recursive memes moderation workers wsgi.py
	@$(BIN)/python -m tests.supply audit

sbom: $(VENV)/.dev ## Write the list of what the platform needs to sbom.cdx.json (CycloneDX)
	@$(BIN)/python -m tests.supply sbom sbom.cdx.json

bench: $(VENV)/.dev $(CATALOGS) ## Measure, and write docs/performance.md (BENCH=name for one)
	@$(BIN)/python -m benchmarks $(BENCH)

lock: $(VENV)/.dev ## Write the lock files anew (UPGRADE=--upgrade for newer versions)
	$(LOCK) requirements.in --output-file requirements.lock
	$(LOCK) requirements-dev.in --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove what make has made (never the data in var/)
	rm -rf $(VENV) *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .assurance $(CATALOGS)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The empty files in $(VENV) say that a step is done; they are older than what they depend on when it is to be done again.
$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and was not found." >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv --clear $(VENV) || \
	{ echo "Python's venv module is needed (on Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.lock pyproject.toml
	@echo "Installing what the platform needs"
	@$(INSTALL) requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Installing what tests need"
	@$(INSTALL) requirements-dev.lock
	@touch $@

%.mo: %.po $(VENV)/.runtime
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
