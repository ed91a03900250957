# make demo: train, generate and evaluate on synthetic data.  make test: run the tests.  Both make .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test clean

demo: .venv/installed
	$(BIN)/python train.py --flagfile=configs/demo.flags
	$(BIN)/python generate.py --checkpoint
	$(BIN)/python evaluate.py --spike_metrics

test: .venv/installed-dev
	$(BIN)/python -m pytest

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv
