"""WARC files, record by record: reading what is damaged, and removing records in place."""
