# Everything a newcomer needs: `make demo` shows the product, `make test` proves it. Both set themselves up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Half of the tests wait for servers or disks, so a few more workers than cores finish sooner.
WORKERS ?= 4

.PHONY: demo test test-postgresql torture soak check bench fuzz lock clean

demo: $(STAMP)
	@$(BIN)/migrator demo

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q

# The system tests keep the product's memory in SQLite files; here all of them keep it on PostgreSQL.
test-postgresql: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q --database postgresql tests/system

# Goes on where it was interrupted. A short one: `make torture POINTS=500`; more: `OPTIONS="--database sqlite --seed 2"`.
torture: $(STAMP)
	$(BIN)/python -m tests.torture $(if $(POINTS),--points $(POINTS)) $(OPTIONS)

# The service for many virtual days; two of them are part of `make test`. Longer: `make soak DAYS=60 EVERY=15m SEED=2 FAULTS=3`.
soak: $(STAMP)
	$(BIN)/python -m tests.soak --days $(or $(DAYS),30) --every $(or $(EVERY),1h) --seed $(or $(SEED),1) --faults $(or $(FAULTS),1)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m tests.bench

# For an hour: `make fuzz SECONDS=3600`. Better with atheris, which is optional: `.venv/bin/pip install atheris`.
fuzz: $(STAMP)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),600)

# The locked dependencies first, then the project itself without asking any registry again.
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# Needs `uv` on the PATH; the only step that changes what is installed.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group pyproject.toml:dev pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra postgres --constraint requirements.lock pyproject.toml -o deploy/requirements.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .fuzz .torture .mypy_cache .ruff_cache .pytest_cache .hypothesis
