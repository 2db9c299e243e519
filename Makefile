# lab: rehearse the stack on this machine · test: all tests · check: format, lint, types, queries · fmt · docs: generated tables · lock: exact versions of the app's packages · policy: its own environment
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: lab preflight test check fmt docs lock policy clean

lab: .venv/lab.stamp
	$(PY) -m lab rehearse --report .lab/report

# make preflight STACK=prod: asks your subscription whether `pulumi up` of that stack may and can
STACK ?= dev
preflight: .venv/lab.stamp
	$(PY) -m lab preflight -s $(STACK)

test: .venv/dev.stamp
	sh tests/support/install-tools.sh
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile

check: .venv/dev.stamp
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	MYPYPATH=app_src $(PY) -m mypy __main__.py settings components traffic lab policy pipeline app_src docs benchmarks tests examples/python_stack examples/django_postgres/__main__.py
	.venv/bin/lint-imports --no-logo
	$(PY) -m tests.support.weak_tests
	$(PY) -m lab check

fmt: .venv/dev.stamp
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

docs: .venv/dev.stamp
	$(PY) docs/generate.py

# One file for every Python that App Service offers; --upgrade takes what is newest in the ranges.
lock: .venv/dev.stamp
	for app in app_src examples/django_postgres/app; do (cd $$app && $(CURDIR)/$(PY) -m uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --upgrade --custom-compile-command "make lock" \
	  requirements.in --output-file requirements.txt) || exit; done

policy: policy/venv/stamp

clean:
	rm -rf .venv .lab policy/venv components/venv examples/*/sdks examples/*/node_modules

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python {sys.version.split()[0]} is too old; 3.11 or newer is needed (make PYTHON=python3.12)")'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; test "$$(id -u)" = 0 && apt-get -qq update && apt-get -qq install -y python3-venv && $(PYTHON) -m venv .venv; } \
	  || { rm -rf .venv; echo "no virtual environment could be made; install the package python3-venv and try again" >&2; exit 1; }

.venv/lab.stamp: requirements.txt requirements-lab.txt | .venv/bin/python
	$(PIP) -r requirements-lab.txt
	@touch $@

.venv/dev.stamp: requirements.txt requirements-lab.txt requirements-dev.txt app_src/requirements.in | .venv/bin/python
	$(PIP) -r requirements-dev.txt
	@touch $@ .venv/lab.stamp

policy/venv/stamp: policy/requirements.txt | .venv/bin/python
	$(PY) -m venv policy/venv
	policy/venv/bin/python -m pip install --quiet --disable-pip-version-check -r policy/requirements.txt
	@touch $@
