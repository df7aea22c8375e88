"""`python -m services.scheduler`: the dispatcher and the reconciler."""

from services.scheduler.app import main

main()
