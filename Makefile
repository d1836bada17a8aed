# `make test` runs every check, `make demo` shows what the tool is, `make bench` measures it beside
# other software, `make test-long` tries the renderer on 100,000 random graphs, `make interop` makes
# and reads sets with Ray and WebDataset and holds what other programs make of exports against our
# rendering; all install what they need. `make studio` opens the
# studio with an example, `make e2e` drives a browser through it and through listening tests, `make page`
# builds its page.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.installed

.PHONY: test test-long interop demo studio e2e page bench lint types imports unit clean

test: $(DONE)
	$(MAKE) --jobs=2 lint types imports
	$(MAKE) unit

# A run that was stopped goes on; COUNT, and WORKERS, one a core by default, can be given.
test-long: $(DONE)
	$(BIN)/python -m tests.reliability --count $(or $(COUNT),100000) $(if $(WORKERS),--workers $(WORKERS))

# What was measured is kept in runs/null-test, so that a run that was stopped goes on; GRAPHS, how
# many random graphs, can be given.
DEBIAN := faust g++ lv2-dev libboost-dev lv2file puredata-core pd-jsusfx \
	sox ffmpeg invada-studio-plugins-lv2 mda-lv2 swh-lv2
interop: $(DONE)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[interop]"
	$(BIN)/pytest tests/generation
	# Compilers and hosts are Debian packages; without them, what needs them is skipped and the
	# table says so.
	-dpkg --status $(DEBIAN) > /dev/null 2>&1 || \
		{ apt-get update --quiet && apt-get install --yes $(DEBIAN); }
	$(BIN)/pytest tests/export tests/evaluation/foreign
	$(BIN)/python -m benchmarks.null_test --graphs $(or $(GRAPHS),200)

demo: $(DONE)
	$(BIN)/graphophone demo

studio: $(DONE)
	$(BIN)/graphophone studio --example

# Chromium is the system's own: BROWSER says where, the first of its usual names by default.
BROWSER ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
e2e: $(DONE)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[e2e]"
	GRAPHOPHONE_BROWSER="$(BROWSER)" $(BIN)/pytest tests/e2e -s

# The page is built into the package, so that only who changes it needs Node.
page:
	cd studio && npm install --no-audit --no-fund --no-package-lock && npm run check && npm run build

bench: $(DONE)
	# Compiled against the PyTorch that is here; where there is no compiler, an older one does.
	-$(BIN)/python -m pip install --quiet setuptools wheel
	-$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps "torchlpc>=0.7" \
		|| $(BIN)/python -m pip install --quiet --no-deps "torchlpc<0.7"
	# A peer that is missing all the same is skipped, and the table says why.
	-$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[bench]"
	$(BIN)/graphophone bench

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
