# Everything a developer types. Python, Node and Go are all that has to be there.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := PYTHONPATH=platform $(VENV)/bin/python
UV_VERSION := 0.13.9

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/.ready: requirements-dev.txt
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.ready ## Install what is needed and build the cluster's tools (6 minutes, once)
	@$(RUN) -m embedded tools

demo: setup ## Run everything against an embedded Kubernetes (DETACH=1: in the background)
	@$(RUN) -m embedded demo $(if $(DETACH),--detach)

stop: $(VENV)/.ready ## Stop the demo
	@$(RUN) -m embedded stop

clean: $(VENV)/.ready ## Stop the demo and forget all its data
	@$(RUN) -m embedded clean

check: $(VENV)/.ready ## Format, lint, types, imports, deployment, schema
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	PYTHONPATH=apps:platform $(VENV)/bin/lint-imports
	PYTHONPATH=apps:platform $(VENV)/bin/mypy apps platform
	SLIPWAY_ENV=production SLIPWAY_PUBLIC_URL=https://slipway.example.com \
	SLIPWAY_SECRET_KEY=$$(head -c 48 /dev/urandom | base64 -w0) \
	SLIPWAY_ENCRYPTION_KEY=$$(head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_') \
	$(VENV)/bin/python manage.py check --deploy --fail-level WARNING
	$(VENV)/bin/python manage.py spectacular --validate --fail-on-warn --file /dev/null

test: setup ## Run the tests against the embedded parts
	$(VENV)/bin/python -m pytest tests --ignore=tests/node --ignore=tests/bench

test-node: setup ## Run the main job with real containers (root, Debian)
	@$(VENV)/bin/python -m pytest tests/node

bench: setup ## Measure against peers in the same run, and print a table
	@$(VENV)/bin/python -m pytest tests/bench -q -s -p no:randomly --timeout=900

.PHONY: help setup demo stop clean check test test-node bench
