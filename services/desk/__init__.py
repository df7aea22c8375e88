"""The desk: a read API, a change feed, exports and a web page over the stored articles. It reads through
the store's modules."""
