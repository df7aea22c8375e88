"""Going out to the network, for fetching and webhooks alike: the address check, deadlines, heads of answers, host limits."""
