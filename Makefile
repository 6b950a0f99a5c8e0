# make demo    see a system call happen, with nothing else to install
# make test    types, lint, layer rules, tests; those on real kernels fetch 890 MB and build one, once
# make check   the fast part of it, for every commit
# make coverage       the tests again, telling which lines none of them runs
# make test-kernels   only the tests on real Debian kernels, booted in QEMU and unbooted

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# What the tests drive for real; systui itself needs none of it.
TEST_PACKAGES := gcc gcc-multilib libc6-dev libc6-dev-i386 musl-tools busybox-static strace tmux binutils
KERNEL_TEST_PACKAGES := gdb qemu-system-x86 make flex bison bc xz-utils libelf-dev

.PHONY: demo test coverage test-kernels check benchmark clean

demo: $(VENV)/installed
	@if [ -t 1 ]; then $(BIN)/systui emulate systui/examples/accept_43; \
	else $(BIN)/systui emulate --follow 43 --headless systui/examples/accept_43; fi

test: check-system kernels $(VENV)/tested
	$(MAKE) --no-print-directory check-static
	$(BIN)/python -m pytest -n 2

# Counting lines makes the tests take twice as long.
coverage: check-system kernels $(VENV)/tested
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term:skip-covered

test-kernels: check-system kernels $(VENV)/tested
	$(BIN)/python -m pytest -n 2 -m kernels

# Where this fails the tests say what was left out; with CI set, that is their failure.
kernels: $(VENV)/bin/python
	-@.ci/system-packages $(KERNEL_TEST_PACKAGES)
	-@$(BIN)/python tests/attach/kernels.py 6.1 6.12 >/dev/null
	-@$(BIN)/python tests/attach/i386_kernels.py >/dev/null
	-@$(BIN)/python tests/ownkernel/built_kernels.py >/dev/null

check: $(VENV)/tested
	$(MAKE) --no-print-directory check-static
	$(BIN)/python -m pytest -n 2 -m "not slow and not kernels"

.PHONY: check-static check-system kernels
check-static:
	$(BIN)/ruff check systui tests benchmarks
	$(BIN)/ruff format --check systui tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

check-system:
	@.ci/system-packages $(TEST_PACKAGES)

benchmark: $(VENV)/tested
	$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "systui needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/system-packages python3-venv
	$(PYTHON) -m venv --upgrade-deps $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

clean:
	rm -rf $(VENV) build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
