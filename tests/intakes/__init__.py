"""Intakes and the fetcher, by case: small inputs of kinds that tools of this field got wrong in public, each
with what is right."""
