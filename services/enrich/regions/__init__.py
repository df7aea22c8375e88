"""Regions: the places an article names, resolved, and the countries that it is about."""
