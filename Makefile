# make run    set-up, then the main job on what ships (about three minutes on two cores)
# make test   set-up, the packages that only some tests want, then the tests
# make check  style, types, layers
# make bench  the benchmarks; each prints one JSON object as its last line
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKSPACE ?= workspace
export OMP_NUM_THREADS ?= 2
export TOKENIZERS_PARALLELISM := false

.PHONY: run test check bench setup others clean

setup: $(VENV)/.ready

# Debian ships Python without ensurepip; where the venv module cannot help, its package is installed.
$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Primum needs Python 3.11 or newer"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); \
	  echo "The venv module is incomplete; installing Debian's python3-venv"; \
	  $$(test $$(id -u) = 0 || echo sudo) apt-get update -q && $$(test $$(id -u) = 0 || echo sudo) apt-get install -q -y python3-venv && \
	  $(PYTHON) -m venv $(VENV); }
	@echo "Installing Primum and what it stands on (about two minutes, 1.9 GB) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train,documents,postgres,dev]'
	@touch $@

# What Primum speaks with but does not need: Inspect AI, MLflow, Weights & Biases.
others: $(VENV)/.others

$(VENV)/.others: $(VENV)/.ready
	@echo "Installing what some tests and benchmarks speak with: Inspect AI, MLflow, Weights & Biases (350 MB) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[inspect,mlflow,wandb]'
	@touch $@

run: setup
	@$(BIN)/primum run recipes/first-light.toml --workspace $(WORKSPACE)

# Real parts for the tests that want them: where they cannot be installed, those tests skip and say so.
test: others
	@if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 && command -v chromium > /dev/null || \
	  { echo "Installing PostgreSQL and Chromium for the tests …"; apt-get update -q > /dev/null 2>&1; \
	    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql chromium > /dev/null 2>&1 || \
	    echo "They could not be installed: the tests that want them skip"; }; fi
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: others
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
