# Every target does its own set-up; a fresh machine needs Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: help setup demo test test-all pytest faults lint lock sbom audit containers chaos fuzz hostile doors-peers bench bench-growth bench-search bench-extraction bench-regions bench-names bench-topics bench-stories bench-desk wheels clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)  ## a virtual environment with everything, from the hashed lock

TYPED := $(shell find services -name '*.pxd')
COMPILED := $(shell find services -name '*.pyx' -o -name '*.pxi') $(TYPED) $(wildcard $(TYPED:.pxd=.py))
$(STAMP): requirements.lock pyproject.toml setup.py $(COMPILED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: Python 3.11 or newer is needed; name one with make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -c "import services.enrich._compiled" 2>/dev/null || echo "make: the inner loops are not compiled, since there is no C compiler or no Python.h here (python3-dev): all works the same, a quarter slower"
	@touch $(STAMP)

demo: setup  ## the whole pipeline on a small news site, with a table of what came out (ONCE=1: stop after it)
	@$(BIN)/dateline demo $(if $(ONCE),--once)

test: setup  ## lint, types, architecture, and beside them every test but the container ones
	@$(MAKE) --no-print-directory -j2 lint pytest MARKED="not containers and not long"

test-all: setup  ## the same with every case of the kinds of which `make test` has a few
	@$(MAKE) --no-print-directory -j2 lint pytest MARKED="not containers"

# The tests start hundreds of processes: each would compile every module anew where the environment forbids to
# keep what is compiled.
pytest: export PYTHONDONTWRITEBYTECODE :=
pytest: setup
	$(BIN)/python -m pytest -q -n auto -m "$(MARKED)" $(ARGS)

faults: setup  ## the product broken in two dozen places, one after another; fails where no test notices (ARGS="--only backoff")
	$(BIN)/python -m tests.faults.run $(ARGS)

lint: setup  ## ruff, mypy, import-linter; oxfmt and oxlint for the desk's page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/oxfmt --check services/desk/static/js services/desk/static/style.css
	$(BIN)/oxlint services/desk/static/js

containers: setup  ## the compose stack, built and fed for real; needs a Docker engine
	$(BIN)/python -m pytest -q -m containers $(ARGS)

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --upgrade

lock: setup  ## the newest releases of all dependencies, with hashes
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --extra dev pyproject.toml -o requirements.lock
	for service in build ingest enrich store stories desk flower cli; do \
	  $(LOCK) --constraint requirements.lock --extra $$service pyproject.toml -o requirements/$$service.lock; done

wheels: setup  ## a wheel with the compiled parts, into dist: who installs it needs no compiler (manylinux where auditwheel is)
	@$(BIN)/python deploy/wheels.py $(ARGS)

sbom: setup  ## the bills of materials of the whole and of each image, as CycloneDX, into build/sbom
	$(BIN)/python deploy/sbom.py $(ARGS)

audit: setup  ## the locked packages against the published vulnerabilities, by pip-audit; needs the internet
	@$(BIN)/python deploy/audit.py

SEED ?= 1
chaos: setup  ## everything broken on purpose while 3,000 URLs go through; fails on any loss or double (SEED=n; ARGS=--containers, --plain)
	$(BIN)/python -m chaos.run --seed $(SEED) $(ARGS)

MINUTES ?= 60
fuzz: setup  ## every intake fed with broken input for MINUTES in all; fails on what raises, hangs or grows (ARGS="--only feeds,warc --samples folder")
	$(BIN)/python -m chaos.fuzz --minutes $(MINUTES) $(ARGS)

hostile: setup  ## hostile pages, feeds, lines, messages and clients for MINUTES while honest URLs go through; fails on any that they harm (SEED=n, else random)
	$(BIN)/python -m chaos.hostile --minutes $(MINUTES) $(if $(filter command line environment,$(origin SEED)),--seed $(SEED)) $(ARGS)

doors-peers: setup  ## other projects' test suites through our own readers; fails on what differs without a reason (PEERS=folder of clones)
	@test -n "$(PEERS)" || { echo "make: name the clones: make doors-peers PEERS=folder, which holds feedparser, gofeed, v2, crawler-commons, protego and ada (docs/fetching.md says which)" >&2; exit 2; }
	$(BIN)/python -m bench.intakes.peers $(PEERS) $(ARGS)

clean:  ## the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
	find services -name '*.so' -delete

BENCH_PEERS := .venv-bench-pipeline
bench: setup  ## articles a second from URL to committed row, beside what a user would build (ARGS="--rounds 3 --data folder")
	@test -x $(BENCH_PEERS)/bin/python || $(PYTHON) -m venv $(BENCH_PEERS)
	$(BENCH_PEERS)/bin/python -m pip install --quiet --upgrade pip
	$(BENCH_PEERS)/bin/python -m pip install --quiet --require-hashes -r bench/pipeline/requirements.lock
	$(BIN)/python -m bench.pipeline.run --peers-python $(BENCH_PEERS)/bin/python $(ARGS)

bench-growth: setup  ## how the cost of an article grows: a million stored, more workers, 200,000 URLs waiting
	$(BIN)/python -m bench.pipeline.growth $(ARGS)

bench-search: setup  ## how quickly `dateline search` asks over a million stored articles, with the plans
	$(BIN)/python -m bench.pipeline.search $(ARGS)

BENCH_REGIONS := .venv-bench-regions
bench-regions: setup  ## places and speed against geotext, flashgeotext and spaCy (DATA=folder of NAME.jsonl)
	@test -n "$(DATA)" || { echo "make: name the data: make bench-regions DATA=folder (bench/regions/run.py says what it holds)" >&2; exit 2; }
	@test -x $(BENCH_REGIONS)/bin/python || $(PYTHON) -m venv $(BENCH_REGIONS)
	$(BENCH_REGIONS)/bin/python -m pip install --quiet --upgrade pip
	$(BENCH_REGIONS)/bin/python -m pip install --quiet --require-hashes -r bench/regions/requirements.lock
	$(BENCH_REGIONS)/bin/python -m bench.regions.run $(DATA) $(ARGS)

bench-names: setup  ## people, organisations and cost against spaCy (DATA=folder of NAME.jsonl)
	@test -n "$(DATA)" || { echo "make: name the data: make bench-names DATA=folder (bench/names/run.py says what it holds)" >&2; exit 2; }
	@test -x $(BENCH_REGIONS)/bin/python || $(PYTHON) -m venv $(BENCH_REGIONS)
	$(BENCH_REGIONS)/bin/python -m pip install --quiet --upgrade pip
	$(BENCH_REGIONS)/bin/python -m pip install --quiet --require-hashes -r bench/regions/requirements.lock
	$(BENCH_REGIONS)/bin/python -m bench.names.run $(DATA) $(ARGS)

BENCH_TOPICS := .venv-bench-topics
bench-topics: setup  ## topics and speed against what scikit-learn makes of the same articles (DATA=folder of train.jsonl, dev.jsonl)
	@test -n "$(DATA)" || { echo "make: name the data: make bench-topics DATA=folder (bench/topics/run.py says what it holds)" >&2; exit 2; }
	@test -x $(BENCH_TOPICS)/bin/python || $(PYTHON) -m venv $(BENCH_TOPICS)
	$(BENCH_TOPICS)/bin/python -m pip install --quiet --upgrade pip
	$(BENCH_TOPICS)/bin/python -m pip install --quiet --require-hashes -r bench/topics/requirements.lock
	$(BENCH_TOPICS)/bin/python -m bench.topics.run $(DATA) $(ARGS)

BENCH_STORIES := .venv-bench-stories
bench-stories: setup  ## copies and stories against datasketch and TF-IDF (DATA=folder of copies/ and stories/)
	@test -n "$(DATA)" || { echo "make: name the data: make bench-stories DATA=folder (bench/stories/run.py says what it holds)" >&2; exit 2; }
	@test -x $(BENCH_STORIES)/bin/python || $(PYTHON) -m venv $(BENCH_STORIES)
	$(BENCH_STORIES)/bin/python -m pip install --quiet --upgrade pip
	$(BENCH_STORIES)/bin/python -m pip install --quiet --require-hashes -r bench/stories/requirements.lock
	$(BENCH_STORIES)/bin/python -m bench.stories.run $(DATA) $(ARGS)

bench-desk: setup  ## how quickly the desk answers over a million stored articles (ARGS="--articles 100000")
	$(BIN)/python -m bench.desk.run $(ARGS)

BENCH := .venv-bench
bench-extraction: setup  ## quality and speed of extraction against its peers (DATA=folder of NAME.jsonl.gz)
	@test -n "$(DATA)" || { echo "make: name the data: make bench-extraction DATA=folder (bench/extraction/run.py says what it holds)" >&2; exit 2; }
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --upgrade pip
	$(BENCH)/bin/python -m pip install --quiet --require-hashes -r bench/extraction/requirements.lock
	$(BENCH)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/ingest.lock
	$(BENCH)/bin/python -m bench.extraction.run $(DATA) $(ARGS)
