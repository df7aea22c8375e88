"""The contract between services: messages, routes, errors, limits and URL identity."""
