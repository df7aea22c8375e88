"""Store: the schema, the ledger, the only writer of articles, and the reader that others use."""
