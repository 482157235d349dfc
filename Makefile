# Everything a fresh machine needs is done by `make install`, which the other targets call.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed

.PHONY: install lock test lint docs clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	$(BIN)/python -m compileall -q schemas anonymization pipelines dashboards
	touch $(STAMP)
