# Everything goes into .venv and .cache beside this file.
# Another Python for .venv: make setup PYTHON=python3.13
# More tests at a time: make test WORKERS=8, make test-all ALL_WORKERS=8

PYTHON ?= python3
WORKERS ?= 4
ALL_WORKERS ?= 4
DOOR ?= all
SECONDS ?= 60
FAILURES ?= 20
SEED ?= 1
STATES ?= 100
RATE ?= 10000
ENTRIES ?= 1000
OUTAGE ?= 0
AT_ONCE ?= 1
EXAMPLES ?= 400
HOURS ?= 1
SIZES ?= 1000 10000
SUBSCRIBERS ?= 1000 100000
ROUNDS ?= 3
PIP := .venv/bin/python -m pip --disable-pip-version-check
PYTEST := .venv/bin/python -m pytest
LOCK := .cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
BENCH := PYTHONPATH=tests .venv/bin/python -m bench

# Where Python may not keep compiled modules, each worker of the tests compiles hundreds again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup serve build docs test test-all test-release test-history trials mutants bench bench-cluster bench-hub power-loss wire fuzz check words keep-release dist audit lock

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: .venv/.stamp ## create .venv with everything that Dateline needs

.venv/.stamp: requirements/build.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v < (3, 11) and sys.exit("Dateline needs Python 3.11 or newer, and $(PYTHON) is %d.%d. Name another: make setup PYTHON=python3.13" % v[:2])'
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --require-hashes --requirement requirements/build.txt
	$(PIP) install --quiet --require-hashes --no-build-isolation --use-pep517 --requirement requirements/dev.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

serve: setup ## publish entries/, serve it, and watch for dropped files
	.venv/bin/dateline serve

build: setup ## publish entries/ into feeds/ once
	.venv/bin/dateline build

docs: setup .cache/docs/.stamp ## build the documentation site, .cache/site/index.html
	PYTHONPATH=.cache/docs .venv/bin/python -m sphinx -q -W --keep-going -n -d .cache/doctrees docs .cache/site

.cache/docs/.stamp: requirements/docs.txt
	rm -rf .cache/docs
	$(PIP) install --quiet --require-hashes --target .cache/docs --requirement requirements/docs.txt
	@touch $@

test: setup ## run the tests that need nothing but Python (under five minutes on two cores; in a random order: make test ORDER=1)
	$(PYTEST) -n $(WORKERS) --dist worksteal -m "not outside and not long and not release" --ignore tests/outside $(if $(ORDER),--shuffle $(ORDER))

test-all: setup .cache/docs/.stamp .cache/audit/.stamp .cache/release/.stamp .cache/fuzz/.stamp ## run all tests but those of test-release, or after make test only the rest: make test-all TESTED=1; first installs feed readers and a browser (Debian 13)
	tests/outside/install
	$(PYTEST) -n $(ALL_WORKERS) --dist loadfile --no-loadscope-reorder -m "$(if $(TESTED),(outside or long) and )not release"

test-release: setup .cache/fuzz/.stamp ## run the tests that take the processor for long: cost at each door, all fuzzers, more kills, failing nodes and random weeks
	tests/outside/install
	nice -n 15 $(PYTEST) -n $(ALL_WORKERS) --dist worksteal -m release

test-history: setup ## run random actions of staff for twenty minutes (longer: make test-history EXAMPLES=2000; others: FIRST=1000)
	EXAMPLES=$(EXAMPLES) nice -n 15 $(PYTEST) tests/publication/test_history.py tests/publication/test_staff_acts.py tests/publish/test_random_weeks.py

trials: setup ## run random newsrooms under faults of every kind (HOURS=1 SEED=1 AT_ONCE=1; one again: make trials SCRIPT=.cache/trials/failed-7.jsonl)
	PYTHONPATH=tests nice -n 10 .venv/bin/python -m trials --hours $(HOURS) --seed $(SEED) --at-once $(AT_ONCE) $(if $(SCRIPT),--script $(SCRIPT)) $(if $(RECORD),--record)

mutants: setup ## try three hundred deliberate faults: nine of ten must be noticed (some: make mutants ONLY=store)
	nice -n 15 .venv/bin/python tests/mutants.py $(ONLY)

bench: setup ## run the benchmarks (with more entries: make bench SIZES="1000 10000 100000")
	$(BENCH).start
	$(BENCH).dropped
	$(BENCH).dropped --entries 1000
	$(BENCH).dropped --megapixels 24
	$(BENCH).embargo
	$(BENCH).embargo --entries 1000
	$(BENCH).reading
	$(BENCH).archives
	$(BENCH).serve
	$(BENCH).build --entries $(SIZES)
	$(BENCH).scale --entries $(SIZES) --among $(lastword $(SIZES))
	$(BENCH).fresh
	$(BENCH).search --entries $(SIZES)
	$(BENCH).report

bench-cluster: setup ## let the leaders of a cluster fail, and measure what readers notice (root; FAILURES=20 SEED=1 ENTRIES=1000 OUTAGE=0 AT_ONCE=1)
	code=0; $(BENCH).failing --failures $(FAILURES) --seed $(SEED) --entries $(ENTRIES) --outage $(OUTAGE) --at-once $(AT_ONCE) $(if $(RECORD),--record) || code=$$?; \
	$(BENCH).failing_report; exit $$code

power-loss: setup ## lose power in recorded commands, and check each promise after it (STATES=100 of each step, SEED=1)
	code=0; PYTHONPATH=tests nice -n 10 .venv/bin/python -m power --states $(STATES) --seed $(SEED) $(if $(RECORD),--record) || code=$$?; \
	PYTHONPATH=tests .venv/bin/python -m power.report; exit $$code

wire: setup ## serve under load for hours, with news, reloads and restarts, and check all answers (HOURS=1 RATE=10000)
	code=0; PYTHONPATH=tests .venv/bin/python -m wire --hours $(HOURS) --rate $(RATE) $(if $(RECORD),--record) || code=$$?; \
	PYTHONPATH=tests .venv/bin/python -m wire.report; exit $$code

bench-hub: setup ## measure deliveries to subscribers of the hub (SUBSCRIBERS="1000 100000" ROUNDS=3)
	$(BENCH).hub --subscribers $(SUBSCRIBERS) --rounds $(ROUNDS)
	$(BENCH).report

fuzz: setup .cache/fuzz/.stamp ## feed random inputs to each door for a minute (one door, longer: make fuzz DOOR=dates SECONDS=3600)
	PYTHONPATH=.cache/fuzz/atheris:tests nice -n 15 .venv/bin/python -m fuzz $(DOOR) --seconds $(SECONDS) $(if $(INPUT),--input $(INPUT)) $(if $(RECORD),--record)

.cache/fuzz/.stamp: requirements/fuzz.txt
	$(PIP) install --quiet --require-hashes --target .cache/fuzz/atheris --upgrade --requirement requirements/fuzz.txt
	@touch $@

check: setup ## lint, types, architecture, dependencies
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/deptry .
	$(PYTEST) tests/test_architecture.py

words: setup ## bring the sentences of the source into the catalogues for translators (dateline/messages/catalogue/)
	PYTHONPATH=tests .venv/bin/python -m words

keep-release: setup ## keep what this release writes for the tests of later ones (again: make keep-release REPLACE=1)
	PYTHONPATH=tests .venv/bin/python -m keep_release $(if $(REPLACE),--replace)

dist: setup .cache/release/.stamp ## build the packages (dist/) and their bill of materials (build/)
	rm -rf dist build
	mkdir build
	PYTHONPATH=tests .venv/bin/python -m support.packages dist
	PYTHONPATH=tests .venv/bin/python -m bill_of_materials build/dateline.cdx.json

.cache/release/.stamp: requirements/release.txt
	rm -rf .cache/release
	$(PIP) install --quiet --require-hashes --target .cache/release --requirement requirements/release.txt
	@touch $@

audit: setup $(if $(DATA),,.cache/audit/.stamp) ## look up known vulnerabilities of everything that is locked (another service like osv.dev: OSV=URL; files of OSV: DATA=FOLDER)
	PYTHONPATH=tests OSV=$(OSV) DATA=$(DATA) .venv/bin/python -m audit

.cache/audit/.stamp: requirements/audit.txt
	rm -rf .cache/audit
	$(PIP) install --quiet --require-hashes --target .cache/audit --requirement requirements/audit.txt
	@touch $@

lock: .cache/uv/bin/uv ## lock the versions again after pyproject.toml changed
	$(LOCK) requirements/lock.in --output-file requirements/lock.txt
	$(LOCK) requirements/audit.in --output-file requirements/audit.txt
	$(LOCK) requirements/build.in --output-file requirements/build.txt
	$(LOCK) requirements/fuzz.in --output-file requirements/fuzz.txt
	$(LOCK) requirements/hub.in --output-file requirements/hub.txt
	$(LOCK) requirements/wire.in --output-file requirements/wire.txt
	$(LOCK) requirements/sites.in --output-file requirements/sites.txt
	$(LOCK) requirements/package.in --output-file requirements/package.txt
	$(LOCK) requirements/release.in --output-file requirements/release.txt
	$(LOCK) requirements/backup.in --output-file requirements/backup.txt
	$(LOCK) requirements/store.in --output-file requirements/store.txt
	$(LOCK) pyproject.toml --output-file requirements/run.txt
	$(LOCK) pyproject.toml --all-extras --group test --group check --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --all-extras --constraint requirements/dev.txt --output-file requirements/image.txt
	$(LOCK) --group docs --constraint requirements/dev.txt --output-file requirements/docs.txt

.cache/uv/bin/uv: requirements/lock.txt
	$(PYTHON) -m venv .cache/uv
	.cache/uv/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements/lock.txt
	@touch $@
