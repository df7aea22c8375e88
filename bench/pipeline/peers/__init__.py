"""What a user would build instead; each runs in a virtual environment of its own."""
