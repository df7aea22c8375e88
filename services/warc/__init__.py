"""WARC files: reads them record by record also where they are damaged, and removes records in place."""
