"""`python -m services.enrich`: enrich's worker."""

from services.enrich.app import build
from services.runtime.worker import run

run("enrich", build)
