# edgekit: `make demo` shows it at work, `make test` checks all of it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo 2>/dev/null)
DEBIAN := gcc gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc-riscv64-unknown-elf

.PHONY: demo test setup tools lint types pytest clean

demo: $(VENV)/.demo
	$(BIN)/edgekit demo -o demo

test: setup
	$(MAKE) --no-print-directory lint types pytest

setup: tools $(VENV)/.dev

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

pytest:
	$(BIN)/pytest -n auto --dist loadgroup

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "edgekit needs Python 3.11 or later: make PYTHON=python3.11 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "Python's venv is missing: apt-get install python3-venv"; exit 2; }

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "installing edgekit[demo] into $(VENV) (PyTorch is most of it; a few minutes) ..."
	$(PIP) -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing edgekit[dev] into $(VENV) ..."
	$(PIP) -e '.[dev]'
	@touch $@

# The cross compilers and qemu, with root or sudo on a Debian or Ubuntu; elsewhere tests that need
# them are skipped and say so.
tools:
	@missing=; for p in $(DEBIAN); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null || { [ "$$(id -u)" != 0 ] && [ -z "$(SUDO)" ]; }; then \
	  echo "not installed, their tests will be skipped:$$missing"; exit 0; fi; \
	echo "installing$$missing"; \
	$(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null

clean:
	rm -rf $(VENV) demo dist .pytest_cache .mypy_cache .ruff_cache
