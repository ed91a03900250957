# make demo       train, generate and evaluate on synthetic data
# make lint       style, docstrings and types
# make test       the tests, without those that take long
# make test-slow  the tests that take long
# make coverage   the tests of `make test`, and which branches they did not take
# make site       the pages of docs/ as a web site, in build/site
# make package    a wheel in build/dist, tried in an empty environment: interface, command, tutorial
# Each installs what it needs in .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo lint test test-slow coverage site package clean

demo: .venv/installed
	$(BIN)/python train.py --dataset=synthetic
	$(BIN)/python generate.py --checkpoint
	$(BIN)/python evaluate.py --spike_metrics

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: .venv/installed-dev
	$(BIN)/python -m pytest -m "not slow"

test-slow: .venv/installed-dev
	$(BIN)/python -m pytest -m slow

coverage: .venv/installed-dev
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -m "not slow"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

site: .venv/installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --site-dir build/site

package: .venv/installed-dev
	rm -rf build/dist build/empty
	$(BIN)/python -m build --outdir build/dist .
	$(PYTHON) -m venv build/empty
	build/empty/bin/python -m pip install --quiet build/dist/*.whl
	build/empty/bin/python tests/installed.py

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv build
