# `make help` lists the targets. Needs Python 3.11 or newer, make, and a Python package index.

VENV := .venv
LOCKS := deploy/requirements
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# The locks are complete, so nothing is resolved: what is not in them is not installed.
PIP_LOCKED := $(PIP) install --require-hashes --no-deps -r
# The first of these that is new enough and can make environments is taken; or name one:
#   make demo PYTHON=/path/to/python3.12
# 3.12 and 3.11 come first because only they can bring Redis with them as a Python package.
PYTHON ?=
PYTHONS := $(if $(PYTHON),$(PYTHON),python3.12 python3.11 python3 python3.13 python3.14 python)
# torch from another index, for instance one that holds builds without GPU libraries:
#   make test TORCH_INDEX=<url>
TORCH_INDEX ?=
TORCH := torch==2.13.0
# Files stay on one worker: a file's servers are started once. `make test PYTEST_FLAGS='-k overlay'`
PYTEST_FLAGS ?= -n auto --dist loadfile
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate \
	--custom-compile-command "make lock" --config-file $(LOCKS)/uv.toml $(UPGRADE)
UPGRADE ?=

.PHONY: help demo up test check bench docs install install-gpu training lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.service ## Install, start everything, send the sample radiographs, show what comes back
	@$(BIN)/thorax demo

up: $(VENV)/.service ## Start the listener, worker, API and Redis; keep them until Ctrl-C
	@$(BIN)/thorax up

test: $(VENV)/.training ## Run all tests; what this machine lacks is skipped with its reason
	$(BIN)/python -m pytest $(PYTEST_FLAGS) --cov=service --cov=training --cov-branch \
		--cov-report=term:skip-covered

check: $(VENV)/.dev ## Format, lint, types, import contracts, schemas
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict service training
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --check-metaschema docs/result.schema.json
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

bench: $(VENV)/.dev ## Measure this machine: seconds per stage, images per second of the intake
	@$(BIN)/python bench/machine.py
	@$(BIN)/python bench/stages.py
	@$(BIN)/python bench/intake.py
	@$(BIN)/python bench/encoding.py
	@$(BIN)/python bench/objects.py
	@$(BIN)/python bench/projection.py
	@if [ -e $(VENV)/.training ]; then $(BIN)/python -m bench.inference; fi

docs: $(VENV)/.dev ## Write the pages and pictures that programs write: docs/measurements.md
	$(BIN)/python -m docs.generate.measurements

install: $(VENV)/.service ## Only make .venv and install the service into it

training: $(VENV)/.training ## Install what training and all tests need as well

install-gpu: $(VENV)/.service ## Replace onnxruntime by onnxruntime-gpu (they cannot live together)
	$(PIP) uninstall --yes onnxruntime
	$(PIP_LOCKED) $(LOCKS)/gpu.txt

lock: $(VENV)/.dev ## Resolve the locked requirements again (UPGRADE=--upgrade takes newer versions)
	$(PIP) install --quiet uv
	$(UV_COMPILE) pyproject.toml $(LOCKS)/build.in --extra dev --extra postgresql -o $(LOCKS)/dev.txt
	$(UV_COMPILE) pyproject.toml $(LOCKS)/build.in --extra postgresql -c $(LOCKS)/dev.txt \
		-o $(LOCKS)/service.txt
	$(UV_COMPILE) pyproject.toml --extra training --extra training-ray -c $(LOCKS)/dev.txt \
		--no-emit-package torch -o $(LOCKS)/training.txt
	$(UV_COMPILE) $(LOCKS)/gpu.in --no-deps -o $(LOCKS)/gpu.txt

clean: ## Remove the environment and caches; models, results and settings stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

# Stamps: each says that its lock file is installed, so that nothing is done twice.

$(VENV)/.made:
	@for candidate in $(PYTHONS); do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			>/dev/null 2>&1; then \
			echo "==> $(VENV) is made with $$("$$candidate" -V) ($$candidate)"; \
			"$$candidate" -m venv $(VENV) && touch $@; exit; \
		fi; \
	done; \
	echo "Python 3.11 or newer with its modules venv and ensurepip is needed; tried: $(PYTHONS)." >&2; \
	echo "  Debian, Ubuntu: apt-get install python3 python3-venv     macOS: brew install python@3.12" >&2; \
	echo "  or name one:    make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; \
	exit 1

$(VENV)/.service: $(VENV)/.made $(LOCKS)/service.txt pyproject.toml
	@echo "==> installing the locked requirements of the service (about 250 MB, once)"
	@$(PIP_LOCKED) $(LOCKS)/service.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.service $(LOCKS)/dev.txt
	@echo "==> installing the tools of the tests and checks"
	@$(PIP_LOCKED) $(LOCKS)/dev.txt
	@touch $@

$(VENV)/.training: $(VENV)/.dev $(LOCKS)/training.txt
	@echo "==> installing the training environment with $(TORCH) (large, once)"
	@$(PIP_LOCKED) $(LOCKS)/training.txt
	@$(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@touch $@
