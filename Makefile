# Five words, the same here and in CI, and one for benchmarks.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: install check test docs fix bench

install:  ## an environment with everything a developer needs
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'

check:  ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test:
	$(BIN)/python -m pytest

docs:  ## the help text of every command into docs/commands.md
	$(BIN)/python docs/write_commands.py

fix:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench:  ## make bench DATA=folder-with-index.csv
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/quality.py $(DATA)
	$(BIN)/python benchmarks/colour.py $(DATA)
