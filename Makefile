# What one does here; `make` alone lists it. Works without root and, once the packages are
# installed, without network. All paths are relative, so that the folder may have any name.

SHELL = /bin/sh
PY = .venv/bin/python
PIP = $(PY) -m pip --disable-pip-version-check --quiet install
DEMO ?= 1
# As many tests at once as there are processor cores; a file's tests stay together.
JOBS ?= auto

# `manage.py up` has its own defaults: an option is passed on only when it is set here.
UP = $(if $(filter 0 no false,$(DEMO)),,--demo) $(if $(BIND),--bind '$(BIND)') \
     $(if $(FARM_PORT),--farm-port '$(FARM_PORT)') $(if $(WORKERS),--workers '$(WORKERS)')
FARM = $(PY) -m tests.farm
AT = $(if $(FARM_PORT),--port '$(FARM_PORT)')

.DEFAULT_GOAL := help
.PHONY: help run test bench bench-look accuracy lint messages check-messages break mend screenshots \
	procurement-screenshots ticket-screenshots report-screenshots looking-screenshots signin-screenshots task-screenshots clean venv \
	packages test-packages

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-24s %s\n", $$1, $$2 }' Makefile

run: packages ## everything on this machine, with demo cameras; DEMO=0 BIND=127.0.0.1:8000 FARM_PORT= WORKERS=
	@exec $(PY) manage.py up $(UP)

test: test-packages ## all tests, with coverage; PYTEST_ARGS= JOBS= REQUIRE_ALL=1: none may be skipped
	$(PY) -m coverage run -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)
	$(PY) -m coverage combine
	$(PY) -m coverage report

lint: test-packages ## style, types, and who may import whom
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as check; check()'

messages: test-packages ## collect texts to translate, and compile the catalogues; needs GNU gettext
	@$(PY) -m tests.catalogues collect

check-messages: test-packages ## fail when the catalogues lack a text, or hold one that has gone
	@$(PY) -m tests.catalogues check

bench: test-packages ## what it costs, against what one would write instead; BENCH="name … --quick --write"
	@$(PY) -m tests.bench $(BENCH)

bench-look: test-packages ## what looking at one picture and judging it cost
	@$(PY) -m tests.bench look

accuracy: test-packages ## what the eye finds, and how often it is wrong; ACCURACY="--every 5 --misses"
	@$(PY) -m tests.accuracy $(ACCURACY)

break: packages ## give a demo camera a fault: CAMERA=code FAULT=name
	@$(FARM) break $(AT) '$(CAMERA)' '$(FAULT)'

mend: packages ## take a demo camera's fault away: CAMERA=code
	@$(FARM) mend $(AT) '$(CAMERA)'

procurement-screenshots: test-packages ## take those of procurement, by the test that clicks through it
	SCREENSHOTS=docs/screenshots/procurement $(PY) -m pytest -q tests/e2e/test_procurement_browser.py

ticket-screenshots: test-packages ## take those of tickets, by the test that clicks through a day
	SCREENSHOTS=docs/screenshots/tickets $(PY) -m pytest -q tests/e2e/test_ticket_browser.py

report-screenshots: test-packages ## take those of the weekly report, by the test that receives it
	SCREENSHOTS=docs/screenshots/report $(PY) -m pytest -q tests/e2e/test_report_browser.py

looking-screenshots: test-packages ## take those of the first page, lists, wall and map likewise
	SCREENSHOTS=docs/screenshots/looking $(PY) -m pytest -q tests/e2e/test_looking_browser.py

task-screenshots: test-packages ## take those of five tasks, as somebody new does them
	SCREENSHOTS=docs/screenshots/tasks $(PY) -m pytest -q tests/e2e/test_tasks_browser.py

signin-screenshots: test-packages ## take those of signing in likewise
	SCREENSHOTS=docs/screenshots/signin $(PY) -m pytest -q tests/e2e/test_signin_browser.py

screenshots: test-packages ## take the pictures in docs/ of a running demo: ADMIN_PASSWORD=…
	@$(PY) -m tests.e2e.screenshots

clean: ## remove what tools left behind; keeps .venv and the data in var/
	rm -rf .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -type d \
		-exec rm -rf {} +

# A candidate is tried, not only looked up: version managers put commands on the PATH that only
# explain what is not installed.
venv:
	@$(PY) -c '' 2>/dev/null || { \
		found=; \
		for one in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
			"$$one" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
				2>/dev/null && found="$$one" && break; \
		done; \
		if [ -z "$$found" ]; then \
			echo "Python 3.11, 3.12, 3.13 or 3.14 is needed, and none is on the PATH." \
				"Install one, or name it: make PYTHON=/path/to/python3 …" >&2; \
			exit 1; \
		fi; \
		echo "Making .venv with $$found …"; \
		"$$found" -m venv --clear .venv || { rm -rf .venv; exit 1; }; \
	}

# pip runs only when a list of packages is not the one installed last.
packages: venv
	@cmp -s requirements.txt .venv/requirements.txt || { \
		echo "Installing packages …"; \
		$(PIP) -r requirements.txt && cp requirements.txt .venv/requirements.txt; \
	}

test-packages: packages
	@cmp -s tests/requirements.txt .venv/test-requirements.txt || { \
		echo "Installing test tools …"; \
		$(PIP) -r tests/requirements.txt && \
			cp tests/requirements.txt .venv/test-requirements.txt; \
	}
