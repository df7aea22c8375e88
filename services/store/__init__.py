"""The store: the schema, the ledger, the only writer of articles, and read access for other services."""
