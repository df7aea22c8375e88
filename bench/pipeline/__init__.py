"""The whole pipeline against what a user would build: articles a second, what each costs, and how
that grows."""
