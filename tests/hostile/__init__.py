"""Pages, lines, clients and receivers that mean harm."""
