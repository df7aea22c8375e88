"""The tables as SQLAlchemy Core objects; a test compares them with what the migrations build."""

from services.store.schema import access, articles, deletions, ledger, sources, stories
from services.store.schema.articles import SEARCH_CONFIGURATIONS
from services.store.schema.columns import metadata
from services.store.schema.ledger import STATES

__all__ = [
    "SEARCH_CONFIGURATIONS",
    "STATES",
    "access",
    "articles",
    "deletions",
    "ledger",
    "metadata",
    "sources",
    "stories",
]
