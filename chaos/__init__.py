"""Breaking the pipeline on purpose, and counting what became of every URL."""
