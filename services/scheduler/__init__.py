"""Scheduler: the one process that moves URLs from the ledger to the queue, and brings back the lost."""
