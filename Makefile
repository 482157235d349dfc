# Everything a fresh machine needs is done by `make install`, which the other targets call.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
FLINK := .venv/flink
BROWSER := .venv/browser
CONFORMANCE := .venv/conformance
# Tests that need nothing but what `make install` installs.
OWN := not soak and not cluster and not browser and not conformance
# Three on two processors, as tests wait for other processes now and then; neighbours share what they are given.
WORKERS := -n 3 --dist worksteal

.PHONY: demo install flink browser conformance test test-slow test-cluster test-browser test-conformance screenshots soak lint docs bench bench-stream bench-flink bench-dashboard bench-feeds bench-server bench-silence accuracy privacy attacks mutants fuzz clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	$(BIN)/python -m compileall -q schemas anonymization pipelines dashboards
	touch $(STAMP)

flink: $(FLINK)

$(FLINK): $(STAMP) requirements-flink.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-flink.lock
	touch $(FLINK)

browser: $(BROWSER)
	$(BIN)/python -m tests.browser.programs

$(BROWSER): $(STAMP) requirements-browser.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-browser.lock
	touch $(BROWSER)

test: install
	$(BIN)/python -m pytest $(WORKERS) -m "not slow and $(OWN)"

test-slow: install
	$(BIN)/python -m pytest $(WORKERS) -m "slow and $(OWN)" --timeout=900

# A Kafka broker and Flink, from Maven Central and PyPI; Java 17 and Maven have to be there.
test-cluster: install flink
	$(BIN)/python -m pytest -m cluster --timeout=900

# The dashboard in Debian's Chromium; where it or npm is not there, root installs it with apt-get.
test-browser: install browser
	$(BIN)/python -m pytest tests/browser -m browser --timeout=900

conformance: $(CONFORMANCE)
	$(BIN)/python -m tests.conformance.node

$(CONFORMANCE): $(STAMP) requirements-conformance.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-conformance.lock
	touch $(CONFORMANCE)

# What is published, read by programs of others; npm installs them, and root installs npm with apt-get where it is not.
test-conformance: install conformance
	$(BIN)/python -m pytest tests/conformance -m conformance --timeout=900 -rP

# Every page in both languages, light and dark, wide and narrow, into .cache/screenshots.
screenshots: install browser
	$(BIN)/python -m tests.browser.screenshots .cache/screenshots

# A run killed at every moment there is, the benchmarks of brokers and Flink in small, then 200 kills over 10 M events
# beside a Kafka broker: 40 minutes at most.
soak: install flink
	$(BIN)/python -m pytest -m soak --timeout=3600
	$(BIN)/python -W ignore -m tests.cluster.soak

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m schemas.dictionary --check
	$(BIN)/python -m pipelines.feeds.dictionary --check

docs: install
	$(BIN)/python -m schemas.dictionary
	$(BIN)/python -m pipelines.feeds.dictionary

demo: install
	$(BIN)/hexaflux demo

accuracy: install
	$(BIN)/python -m tests.accuracy

privacy: attacks mutants fuzz

attacks: install
	$(BIN)/python -m tests.attacks

mutants: install
	$(BIN)/python -m tests.privacy.mutations

fuzz: install
	HYPOTHESIS_EXAMPLES=5 $(BIN)/python -m pytest -n 2 --timeout=0 tests/privacy/test_fuzz.py

bench: install
	$(BIN)/python -m tests.bench

# Arrow for ten minutes beside a Kafka broker, then JSON, Avro, files and a naive Beam job: twenty minutes.
bench-stream: install
	$(BIN)/python -W ignore -m tests.bench.stream

# A day, and a topic, on a cluster of Flink beside the embedded driver: an hour.
bench-flink: install flink
	$(BIN)/python -W ignore -m tests.bench.flink

# A release of 10 M rows, its store, and its pages in a browser: twenty minutes the first time.
bench-dashboard: install browser
	$(BIN)/python -W ignore -m tests.bench.dashboard

# The feeds of a town of 5,000 places, five times: half a minute.
bench-feeds: install
	$(BIN)/python -W ignore -m tests.bench.feeds

# A cached feed, 500 times a second, beside a bare application: a minute and a half.
bench-server: install
	$(BIN)/python -W ignore -m tests.bench.server

# Silent cells of a simulated town of 6,000 devices over three weeks: five minutes.
bench-silence: install
	$(BIN)/python -W ignore -m tests.bench.silence

clean:
	rm -rf .venv .cache build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
