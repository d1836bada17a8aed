# `make test` runs every check, `make demo` shows what the tool is; both install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.installed

.PHONY: test demo lint types imports unit clean

test: lint types imports unit

demo: $(DONE)
	$(BIN)/graphophone demo

$(DONE): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	# PyTorch first and pinned: a bare requirement would fetch gigabytes of CUDA libraries.
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@

lint: $(DONE)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DONE)
	$(BIN)/mypy src

imports: $(DONE)
	$(BIN)/lint-imports

unit: $(DONE)
	$(BIN)/pytest -n 2

clean:
	rm -rf $(VENV) demo_out
