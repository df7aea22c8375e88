"""`python -m services.store`: the store's worker."""

from services.runtime.worker import run
from services.store.app import build

run("store", build)
