# One entry point for people and for CI. `make help` lists the targets.
PYTHON ?= python3
UV     := .tools/bin/uv
BIN    := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# Python keeps what it compiled, also where a machine says not to: a start of lowtide is three times as quick
export PYTHONPYCACHEPREFIX := $(CURDIR)/.tools/pycache
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check fix browser bench bench-peers soak hazards docs lock clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.ready .venv/.warm  ## build what it needs, make a synthetic clinic and serve it
	@$(BIN)/lowtide demo

test: .venv/.ready-dev  ## run every test this machine can run, on SQLite and PostgreSQL
	@$(BIN)/python tests/run.py

check: .venv/.ready-dev  ## lint, format, types, import contracts, migrations, locks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@LOWTIDE_HOME=.venv/check-home $(BIN)/python -m django makemigrations --check --dry-run --settings lowtide.site.settings
	@sha256sum --quiet --check requirements/locked.sha256 || (echo "requirements changed: run make lock" && exit 1)

fix: .venv/.ready-dev  ## mend what lint and format can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

browser: .venv/.ready-dev  ## run the browser tests (installs Debian's Chromium if it is absent)
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core)
	@REQUIRE_BROWSER=1 $(BIN)/pytest -m browser tests/browser --reruns 1 -rfER

bench: .venv/.ready-dev  ## measure the budgets, as ratios in one run
	@$(BIN)/python -m tests.benchmarks

bench-peers: .venv/.ready .venv/.warm  ## install other people's solvers apart and measure them beside ours
	@test -x .tools/peers/bin/python || $(UV) venv --quiet --python $(PYTHON) .tools/peers
	@command -v gfortran >/dev/null && command -v cmake >/dev/null || apt-get install -y -qq --no-install-recommends gfortran cmake >/dev/null 2>&1 || true
	@command -v Rscript >/dev/null || apt-get install -y -qq --no-install-recommends r-base-core r-cran-desolve >/dev/null 2>&1 || true
	@for peer in scipy "libroadrunner antimony" "jax diffrax" numbalsoda; do \
	  $(UV) pip install --quiet --python .tools/peers -c requirements/peers.lock $$peer || echo "could not be installed, skipped: $$peer"; done
	@$(BIN)/lowtide bench pharmacology --peers .tools/peers/bin/python

soak: .venv/.ready-dev  ## run the clinic under load with kills at random
	@$(BIN)/python -m tests.benchmarks.soak

hazards: .venv/.ready-dev  ## run the tests of all hazards (browser too) and write the hazard log with how they ended
	-@$(BIN)/python tests/run.py -m "hazard and not browser" --hazard-results src/lowtide/data/hazard_results.csv
	-@$(BIN)/pytest -m hazard tests/browser --hazard-results src/lowtide/data/hazard_results.csv
	@$(BIN)/python -m tests.repository.write_docs hazard-log.md

docs: .venv/.ready-dev  ## write the generated pages of docs/
	@$(BIN)/python -m tests.repository.write_docs

lock:  ## resolve the requirements again
	@$(MAKE) --no-print-directory $(UV)
	@$(UV) pip compile -q --upgrade --generate-hashes --no-emit-index-url --python-version 3.11 requirements/app.in -o requirements/app.lock
	@$(UV) pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 -c requirements/app.lock requirements/dev.in -o requirements/dev.lock
	@$(UV) pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 requirements/peers.in -o requirements/peers.lock
	@sha256sum requirements/*.in requirements/*.lock > requirements/locked.sha256

clean:  ## remove what make built (never a clinic's data)
	rm -rf .venv .tools .mypy_cache .ruff_cache .hypothesis

$(UV):
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools 'uv==0.13.8'

.venv/.ready: requirements/app.lock pyproject.toml | $(UV)
	@echo "Building: a few seconds the first time."
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements/app.lock
	@$(UV) pip install --quiet --python .venv --no-deps --editable .
	@touch $@

.venv/.ready-dev: requirements/dev.lock .venv/.ready .venv/.warm
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements/dev.lock
	@touch $@

# numba notices a change of the kernel itself but not of what the kernel calls: any change compiles all again
.venv/.warm: $(shell grep -lE 'import numba|import lanes|lanes import' -r src/lowtide --include=*.py) src/lowtide/site/warming.py | .venv/.ready
	@echo "Compiling the numerical kernels: half a minute, once."
	@find src/lowtide -name '*.nb[ic]' -delete
	@$(BIN)/lowtide warm
	@touch $@
