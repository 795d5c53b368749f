# Everything happens in .venv; `make lab` and `make test` need Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-compile -c constraints.txt
COMPILE := $(BIN)/python -m compileall -qq -j 0 -x '/(tests|pip|setuptools|networkx|opinfo)/' $(VENV)/lib src # on all cores; pip takes one
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.PHONY: help lab test check bench mutants screenshots js constraints docs

help:
	@echo 'make lab          install what it needs and open JupyterLab on the workbench'
	@echo 'make test         install what it needs and run every check and test (TORCH=1: those of PyTorch too)'
	@echo 'make check        the same checks, in the environment as it is'
	@echo 'make bench        the benchmarks, as ratios within one run'
	@echo 'make mutants      how many broken functions each rule catches'
	@echo 'make docs         rewrite the generated pages of docs/'
	@echo 'make screenshots  rewrite docs/screenshots from a real browser'
	@echo 'make js           rebuild the JavaScript bundles (needs Node.js)'
	@echo 'make constraints  pin the versions of a fresh installation'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The workbench needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.lab: $(BIN)/python pyproject.toml constraints.txt
	@echo 'Installing the workbench into $(VENV) (a few minutes the first time) …'
	@$(INSTALL) -e .
	@$(COMPILE) || true
	@touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml constraints.txt
	@echo 'Installing the workbench with its test tools into $(VENV) (a few minutes the first time) …'
	@$(INSTALL) -e '.[test,dev,gpu,keyring]'
	@$(COMPILE) || true
	@touch $@ $(VENV)/.lab

$(VENV)/.torch: $(BIN)/python pyproject.toml constraints.txt
	@echo 'Installing the workbench with its test tools and PyTorch into $(VENV) (a few minutes the first time) …'
	@$(INSTALL) -e '.[test,dev,gpu,keyring,torch]'
	@$(COMPILE) || true
	@touch $@ $(VENV)/.test $(VENV)/.lab

lab: $(VENV)/.lab
	@$(BIN)/workbench lab $(ARGS)

test: $(VENV)/$(if $(TORCH),.torch,.test)
	@scripts/chromium
	@PATH="$(abspath $(BIN)):$$PATH" scripts/check

check:
	@PATH="$(abspath $(BIN)):$$PATH" scripts/check $(ARGS)

bench: $(VENV)/.test
	@for file in benchmarks/*.py; do echo "── $$file"; $(BIN)/python $$file || exit 1; done

mutants: $(VENV)/.test
	@$(BIN)/python scripts/mutants.py

docs: $(VENV)/.test
	@$(BIN)/python scripts/rules_doc.py
	@$(BIN)/python scripts/recipes_doc.py

screenshots: $(VENV)/.test
	@$(BIN)/python scripts/screenshots.py

js:
	cd src/workbench/ui/components/js && npm ci --no-audit --no-fund && npm run build

constraints:
	$(PYTHON) scripts/constraints.py
