"""The scheduler: publishes due URLs from the ledger to the queue, and makes lost ones due again."""
