# `make demo` and `make test` set themselves up on a machine that has only make and Python 3.11 or 3.12.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do if "$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1; then echo "$$p"; break; fi; done)
VENV ?= .venv
BIN := $(VENV)/bin
TOOL_PORT ?= 8020
LMS_PORT ?= 8010
# Two files of tests at a time, each with its own database and files.
SIDE_BY_SIDE ?= -n 2 --dist loadfile
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on

.PHONY: help
help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

# --- environments: one to run, the same with what tests need on top ---

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Python 3.11 or 3.12 with its venv module is needed. On Debian or Ubuntu: apt-get install python3-venv. Or name one: make PYTHON=/path/to/python"; exit 1; fi
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: setup.py | $(BIN)/python
	@echo "Installing the tool, the XBlock and the workbench (a minute or two the first time)"
	@$(INSTALL) --editable '.[tool,workbench]'
	@touch $@

$(VENV)/.dev: setup.py | $(BIN)/python
	@echo "Installing what the tests need (a few minutes the first time)"
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.run

.PHONY: env
env: $(VENV)/.dev ## Make the environment for development

# --- the demo: a real LMS and the tool, side by side ---

.PHONY: demo
demo: $(VENV)/.run ## Start the demo school: the LMS and the tool (Ctrl-C stops all)
	@exec env ILP_TOOL_PORT=$(TOOL_PORT) ILP_LMS_PORT=$(LMS_PORT) $(BIN)/ilp-lms demo

.PHONY: demo-reset
demo-reset: $(VENV)/.run ## Forget what was done in the demo
	@$(BIN)/ilp-lms demo_reset

.PHONY: demo-check
demo-check: $(VENV)/.run ## Walk the whole loop against the running demo
	@$(BIN)/ilp-lms demo_check

# --- checks ---

.PHONY: chromium
chromium:
	@if ! command -v chromium >/dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; \
	  else echo "Chromium is needed for the browser tests: apt-get install chromium"; exit 1; fi; fi

.PHONY: lint
lint: $(VENV)/.dev ## Style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# The tool and the LMS are two Django projects, hence two runs.
.PHONY: test
test: $(VENV)/.dev chromium lint ## The whole test suite, on SQLite, without services
	$(BIN)/pytest $(SIDE_BY_SIDE) tests --ignore=tests/ilp_xblock
	$(BIN)/pytest $(SIDE_BY_SIDE) tests/ilp_xblock --ds=ilp_xblock.workbench.settings

# --- what we depend on ---

.PHONY: lock
lock: $(VENV)/.dev ## Lock the tool's requirements, with hashes
	$(BIN)/uv pip compile setup.py --extra tool --extra grown --universal --python-version 3.11 \
	  --generate-hashes --no-header --quiet $(LOCK_OPTIONS) --output-file .ci/requirements.txt

.PHONY: audit
audit: $(VENV)/.dev ## Look for known weaknesses in what is locked
	$(BIN)/python .ci/audit.py

.PHONY: sbom
sbom: $(VENV)/.dev ## Write the bill of materials of a release (CycloneDX) to var/sbom.json
	@mkdir -p var
	$(BIN)/cyclonedx-py requirements .ci/requirements.txt --output-reproducible --of JSON -o var/sbom.json
	@echo "var/sbom.json"

.PHONY: bench
bench: $(VENV)/.dev ## Measure speed: ratios and medians of one run
	$(BIN)/python -m tests.bench

.PHONY: screenshots
screenshots: $(VENV)/.dev chromium ## Take the README's pictures again
	$(BIN)/python -m tests.browser.screenshots

.PHONY: requirements
requirements: $(VENV)/.dev ## Print which requirements are proven, planned or outside software
	@$(BIN)/python -m tests.ledger requirements

.PHONY: trust
trust: $(VENV)/.dev ## The same for what software owes to children's records
	@$(BIN)/python -m tests.ledger trust

.PHONY: messages
messages: $(VENV)/.dev ## Collect translatable strings and compile the catalogues (needs gettext)
	$(BIN)/python -m tests.catalogues
