"""The desk: a read API, a change feed, exports and a page over what is stored. It reads through the store's readers."""
