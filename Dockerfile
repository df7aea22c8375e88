# One file, one target a service; each image carries its own service and what that imports, nothing else.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS base
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Dateline" \
      org.opencontainers.image.description="URLs in, clean news articles tagged with topics and regions out" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/app PATH=/venv/bin:$PATH MALLOC_ARENA_MAX=2 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN groupadd --gid 10001 dateline && useradd --uid 10001 --gid dateline --no-create-home --home-dir /tmp dateline \
 && python3 -m venv /venv && install -d -o dateline -g dateline /data /warc
WORKDIR /app
COPY services/__init__.py services/__init__.py
COPY services/contract services/contract
COPY services/runtime services/runtime
COPY deploy/dateline /usr/local/bin/dateline

# The inner loops, compiled; their compiler stays here.
FROM base AS compiled
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev python3-dev >/dev/null
COPY requirements/build.lock requirements/ingest.lock requirements/enrich.lock /tmp/
RUN pip install --require-hashes -r /tmp/build.lock && pip install --require-hashes -r /tmp/ingest.lock && pip install --require-hashes -r /tmp/enrich.lock
COPY requirements/ingest.lock requirements.lock
COPY setup.py setup.py
COPY services/ingest services/ingest
COPY services/enrich services/enrich
COPY services/stories services/stories
RUN python setup.py --quiet build_ext --build-lib /compiled \
 && cp -r /compiled/services/. services/ && python -c "import services.ingest.extract._bytes, services.ingest.extract._steps, services.enrich.topics._compiled, services.enrich.regions._compiled; from services.ingest.extract import walk; assert walk.COMPILED"

FROM base AS ingest
COPY requirements/ingest.lock /tmp/lock
RUN pip install --require-hashes -r /tmp/lock
COPY services/net services/net
COPY services/warc services/warc
COPY services/ingest services/ingest
COPY --from=compiled /compiled/services/ingest services/ingest
USER dateline
CMD ["python", "-m", "services.ingest"]

FROM base AS enrich
COPY requirements/enrich.lock /tmp/lock
RUN pip install --require-hashes -r /tmp/lock
COPY services/enrich services/enrich
COPY --from=compiled /compiled/services/enrich services/enrich
USER dateline
CMD ["python", "-m", "services.enrich"]

# The store's image also holds the scheduler, which shares the ledger, and the command line.
FROM base AS store
COPY requirements/store.lock /tmp/lock
RUN pip install --require-hashes -r /tmp/lock
COPY services/net services/net
COPY services/warc services/warc
COPY services/store services/store
COPY services/scheduler services/scheduler
COPY services/cli services/cli
COPY services/desk/__init__.py services/desk/__init__.py
COPY services/desk/written_query.py services/desk/written_query.py
COPY services/enrich/__init__.py services/enrich/__init__.py
COPY services/enrich/topics services/enrich/topics
COPY services/enrich/regions services/enrich/regions
COPY services/enrich/names/__init__.py services/enrich/names/__init__.py
COPY services/enrich/names/folding.py services/enrich/names/folding.py
ARG COMMIT
RUN echo "$COMMIT" > services/COMMIT
USER dateline
CMD ["python", "-m", "services.store"]

# One core and the window's memory (docs/stories.md).
FROM base AS stories
COPY requirements/stories.lock /tmp/lock
RUN pip install --require-hashes -r /tmp/lock
COPY services/net services/net
COPY services/store services/store
COPY services/stories services/stories
COPY --from=compiled /compiled/services/stories services/stories
USER dateline
CMD ["python", "-m", "services.stories"]

# The desk's image also holds the command line, with what an export to Parquet needs.
FROM base AS desk
COPY requirements/desk.lock /tmp/lock
RUN pip install --require-hashes -r /tmp/lock
COPY services/net services/net
COPY services/warc services/warc
COPY services/store services/store
COPY services/cli services/cli
COPY services/enrich/__init__.py services/enrich/__init__.py
COPY services/enrich/topics services/enrich/topics
COPY services/enrich/regions services/enrich/regions
COPY services/enrich/names/__init__.py services/enrich/names/__init__.py
COPY services/enrich/names/folding.py services/enrich/names/folding.py
COPY services/desk services/desk
ARG COMMIT
RUN echo "$COMMIT" > services/COMMIT
USER dateline
CMD ["python", "-m", "services.desk"]

# Every command with all that it needs: WARC files, extraction, taggers, Parquet. `docker compose run --rm cli …`
FROM base AS cli
COPY requirements/cli.lock /tmp/lock
RUN pip install --require-hashes -r /tmp/lock
COPY services services
COPY --from=compiled /compiled/services services
ARG COMMIT
RUN echo "$COMMIT" > services/COMMIT
USER dateline
ENTRYPOINT ["dateline"]
CMD ["--help"]

FROM base AS flower
COPY requirements/flower.lock /tmp/lock
RUN pip install --require-hashes -r /tmp/lock
USER dateline
CMD ["python", "-m", "services.runtime.flower"]
