"""Names of people, organisations and places in a text, and who is quoted."""
