# make run opens the app, make test passes the tests; both need no more than Python 3.11 to 3.13.
PYTHON ?= python3
BIN = .venv/bin

run: .venv/run.stamp
	$(BIN)/streamlit run app.py

test: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

.venv/run.stamp: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

.venv/dev.stamp: requirements-dev.txt requirements-cluster.txt .venv/run.stamp
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@

.PHONY: run test
