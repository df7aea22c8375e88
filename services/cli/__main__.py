"""`python -m services.cli`, the same as `dateline`."""

from services.cli import main

main(prog_name="dateline")
