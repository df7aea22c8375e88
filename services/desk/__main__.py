"""`python -m services.desk`."""

from services.desk.app import main

main()
