# Everything a developer types. Python, Node and Go are all that has to be there.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := PYTHONPATH=platform $(VENV)/bin/python
UV_VERSION := 0.13.9
MODULES := frontend/node_modules/.ready
DASHBOARD := frontend/dist/index.html

OPENAPI := $(VENV)/bin/python manage.py spectacular --validate --fail-on-warn --format openapi-json --file frontend/openapi.json

DEFAULTS := $(VENV)/bin/python manage.py formdefaults

PYBABEL := $(VENV)/bin/pybabel -q
WORDS := -d locale -D django -l zh_Hans

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/.ready: requirements-dev.txt
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --compile-bytecode --require-hashes -r requirements-dev.txt
	@touch $@

$(MODULES): frontend/package-lock.json
	@npm --prefix frontend ci --silent --no-audit --no-fund
	@touch $@

$(DASHBOARD): $(MODULES) $(shell git ls-files 'frontend/*' 2>/dev/null)
	@npm --prefix frontend run --silent build

tools: $(VENV)/.ready
	@$(RUN) -m embedded tools

setup: ## Install what is needed, build the dashboard and the cluster's tools (6 to 9 minutes, once)
	@$(MAKE) --no-print-directory -j2 tools $(DASHBOARD)

demo: setup ## Run everything against an embedded Kubernetes (DETACH=1: in the background; VERBOSE=1: with its logs)
	@$(RUN) -m embedded demo $(if $(DETACH),--detach) $(if $(VERBOSE),--verbose)

dev: setup ## Run everything, and the dashboard with hot reload
	@$(RUN) -m embedded demo --detach
	@SLIPWAY_URL=$$($(PYTHON) -c 'import json; print(json.load(open(".slipway/demo.json"))["url"])') npm --prefix frontend run dev

stop: $(VENV)/.ready ## Stop the demo
	@$(RUN) -m embedded stop

clean: $(VENV)/.ready ## Stop the demo and forget all its data
	@$(RUN) -m embedded clean

schema: $(VENV)/.ready $(MODULES) ## Generate the dashboard's types from the API
	@$(OPENAPI)
	@cd frontend && npx openapi-typescript openapi.json -o src/api/schema.d.ts
	@$(DEFAULTS) > frontend/src/api/defaults.json

examples: $(VENV)/.ready ## Record the examples of the API's documentation from the tests' world
	@$(VENV)/bin/python -m pytest tests/api/record_examples.py -q -p no:randomly

words: $(VENV)/.ready ## Gather the server's sentences and compile their translations
	@mkdir -p .slipway
	$(PYBABEL) extract -k Message -k counted:1,2 -k gettext_lazy --no-location --sort-output --no-wrap -o .slipway/messages.pot apps
	$(PYBABEL) update -i .slipway/messages.pot $(WORDS) --init-missing --no-wrap --ignore-obsolete --no-fuzzy-matching
	$(PYBABEL) compile $(WORDS)

check: $(VENV)/.ready $(MODULES) ## Format, lint, types, imports, deployment, schema
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	PYTHONPATH=apps:platform $(VENV)/bin/lint-imports
	PYTHONPATH=apps:platform $(VENV)/bin/mypy apps platform
	SLIPWAY_ENV=production SLIPWAY_PUBLIC_URL=https://slipway.example.com \
	SLIPWAY_SECRET_KEY=$$(head -c 48 /dev/urandom | base64 -w0) \
	SLIPWAY_ENCRYPTION_KEY=$$(head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_') \
	$(VENV)/bin/python manage.py check --deploy --fail-level WARNING
	$(OPENAPI)
	npm --prefix frontend run --silent lint:api
	cd frontend && npx openapi-typescript openapi.json -o src/api/schema.d.ts --check
	$(DEFAULTS) | diff - frontend/src/api/defaults.json
	npm --prefix frontend run check

test: setup ## Run the tests against the embedded parts
	npm --prefix frontend test
	$(VENV)/bin/python -m pytest tests --ignore=tests/node --ignore=tests/bench --ignore=tests/screenshots \
		--numprocesses=2 --dist=loadfile --no-loadscope-reorder

fuzz: setup ## Send 20,000 requests that the schema allows or forbids (CASES=…: another number)
	@FUZZ_CASES=$(or $(CASES),20000) $(VENV)/bin/python -m pytest tests/api/test_fuzz.py -q -s --timeout=7200

test-node: setup ## Run the main job with real containers (root, Debian)
	@$(VENV)/bin/python -m pytest tests/node

pages: setup ## Hold every page to its budget, to axe in both themes, and to a phone; a part of `make test`
	$(VENV)/bin/python -m pytest tests/e2e/browser/test_pages.py -q -p no:randomly

test-faults: setup ## Break every part while rollouts run, and judge (FAULTS="kill-web cut-api" SECONDS=600 SEED=3)
	@FAULTS="$(or $(FAULTS),all)" FAULTS_SECONDS=$(or $(SECONDS),0) FAULTS_SEED=$(or $(SEED),10) FAULTS_TIMEOUT=86400 \
	$(VENV)/bin/python -m pytest tests/faults/test_faults.py -q -s -p no:randomly

bench: setup ## Measure against peers in the same run, print a table, keep .slipway/bench.json (QUICK=1: pages only, a minute)
	@$(VENV)/bin/python -m pytest tests/bench$(if $(QUICK),/test_pages.py) -q -s -p no:randomly --timeout=900

audit: $(VENV)/.ready ## Ask whether a dependency has a known flaw (needs the advisory services; fails without)
	@$(VENV)/bin/uv tool run --from pip-audit==2.10.1 pip-audit --strict --disable-pip --no-deps --requirement requirements.txt
	@npm --prefix frontend audit --omit=dev

sbom: $(VENV)/.ready ## Write what the product is made of, as CycloneDX, into .slipway/sbom
	@mkdir -p .slipway/sbom
	@$(VENV)/bin/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.txt \
		--output-reproducible --output-file .slipway/sbom/server.json
	@npm --prefix frontend sbom --package-lock-only --omit=dev --sbom-format cyclonedx > .slipway/sbom/dashboard.json

screenshots: setup ## Take pictures of every page in both languages and themes into .slipway/screenshots
	@$(VENV)/bin/python -m pytest tests/screenshots -p no:randomly

.PHONY: help tools setup demo dev stop clean schema examples words check test fuzz test-node test-faults bench audit sbom screenshots
