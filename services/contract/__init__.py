"""What services say to each other: messages, routes, errors, limits and URL identity."""
