"""`python -m services.stories`: finds copies and stories among what the store commits."""

from services.stories.app import main

main()
