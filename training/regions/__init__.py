"""The gazetteer's build."""
