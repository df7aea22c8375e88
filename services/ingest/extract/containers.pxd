from services.ingest.extract.blocks cimport Block, Container
