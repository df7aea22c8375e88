"""`python -m services.ingest`: ingest's worker."""

from services.ingest.app import build
from services.runtime.worker import run

run("ingest", build)
