# Everything starts here, and needs Python 3.11 or newer, make and a package index. All that is installed goes to
# .venv; only test-tools may ask the system's own installer for something, and keeps the rest in tests/strangers.
#
#   make demo         the gateway with a small CRM of invented people, ready to look at     (ARGS="--port 9000")
#   make test         the tests                                                   (ARGS="-k settings", ARGS="-n 0")
#   make test-tools   the programs that some tests drive: PostgreSQL, Node.js, ical.js, tsdav, libical, vdirsyncer, khal
#   make check        what must hold before a change is offered: style, types, direction, tests with none skipped
#   make clean        take away what make made; your databases stay

PYTHON ?= python3
ARGS ?=
VENV := .venv
VENV_PYTHON := $(VENV)/bin/python

# Somebody's private pip settings could send packages elsewhere than to .venv.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PYTHONPATH PYTHONHOME

# Twice quiet means errors only.
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check --quiet --quiet

.DELETE_ON_ERROR:
.PHONY: demo test test-tools check clean

demo: $(VENV)/.ready
	@exec $(VENV)/bin/partstat demo $(ARGS)

test: $(VENV)/.ready-for-tests
	@exec $(VENV_PYTHON) -m pytest $(ARGS)

test-tools: $(VENV)/.ready-for-tests
	@tests/install-tools $(VENV_PYTHON)

check: $(VENV)/.ready-for-tests
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	PARTSTAT_NO_SKIPS=1 $(MAKE) test

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	rm -rf tests/strangers/node_modules tests/strangers/.venv
	find gateway mappings tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The two stamps hold the moment of the last installation: older than pyproject.toml means install again.
$(VENV)/.ready: pyproject.toml
	@$(usable_venv)
	@echo "setting up $(VENV) (about a minute, once) ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.ready-for-tests: pyproject.toml
	@$(usable_venv)
	@echo "setting up $(VENV) with the tools for the tests (about two minutes, once) ..."
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/.ready $@

# Keeps a .venv that works, and makes a new one when there is none or when it is half made or its Python is gone.
define usable_venv
if ! $(VENV_PYTHON) -m pip --version >/dev/null 2>&1; then \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Partstat needs Python 3.11 or newer; '$(PYTHON)' is `($(PYTHON) --version) 2>/dev/null || echo missing`." >&2; \
		echo "Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
		exit 1; \
	}; \
	$(PYTHON) -m venv --clear $(VENV); \
fi
endef
